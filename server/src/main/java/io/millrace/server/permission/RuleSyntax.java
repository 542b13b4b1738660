package io.millrace.server.permission;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.mozilla.javascript.Token;
import org.mozilla.javascript.ast.ArrayLiteral;
import org.mozilla.javascript.ast.Assignment;
import org.mozilla.javascript.ast.AstNode;
import org.mozilla.javascript.ast.AstRoot;
import org.mozilla.javascript.ast.ConditionalExpression;
import org.mozilla.javascript.ast.ElementGet;
import org.mozilla.javascript.ast.EmptyExpression;
import org.mozilla.javascript.ast.ExpressionStatement;
import org.mozilla.javascript.ast.FunctionCall;
import org.mozilla.javascript.ast.InfixExpression;
import org.mozilla.javascript.ast.KeywordLiteral;
import org.mozilla.javascript.ast.Name;
import org.mozilla.javascript.ast.NewExpression;
import org.mozilla.javascript.ast.NumberLiteral;
import org.mozilla.javascript.ast.ParenthesizedExpression;
import org.mozilla.javascript.ast.PropertyGet;
import org.mozilla.javascript.ast.RegExpLiteral;
import org.mozilla.javascript.ast.StringLiteral;
import org.mozilla.javascript.ast.TemplateCharacters;
import org.mozilla.javascript.ast.TemplateLiteral;
import org.mozilla.javascript.ast.UnaryExpression;

/**
 * What a rule may say. Walks the syntax tree and lets through only kinds of expression that are
 * known to be harmless; whatever is not named here is refused. What gets through has no loops, no
 * assignments and no functions of its own, so each part of it is evaluated once at most.
 */
final class RuleSyntax {
  /** Deeper expressions could overflow the stack of the thread that reads them. */
  private static final int MAX_DEPTH = 500;

  private static final Set<String> METHODS =
      Set.of(
          "startsWith",
          "endsWith",
          "includes",
          "indexOf",
          "match",
          "toUpperCase",
          "toLowerCase",
          "trim");

  /** Ways from a value to what it was made by. */
  static final Set<String> FORBIDDEN_MEMBERS =
      Set.of(
          "constructor",
          "prototype",
          "__proto__",
          "__parent__",
          "__defineGetter__",
          "__defineSetter__",
          "__lookupGetter__",
          "__lookupSetter__",
          "__noSuchMethod__");

  /** Names that can only be meant as a way out of the rule. */
  private static final Set<String> HOST_NAMES =
      Set.of(
          "java",
          "javax",
          "org",
          "com",
          "edu",
          "net",
          "Packages",
          "getClass",
          "JavaAdapter",
          "JavaImporter",
          "Function",
          "eval",
          "global",
          "globalThis",
          "window",
          "self",
          "process",
          "require",
          "module",
          "arguments",
          "Reflect",
          "Proxy",
          "Symbol");

  private static final Set<String> VARIABLES =
      Set.of("user", "data", "oldData", "now", "action", "name", "undefined", "NaN", "Infinity");

  private static final Set<Integer> BINARY =
      Set.of(
          Token.OR,
          Token.AND,
          Token.NULLISH_COALESCING,
          Token.BITOR,
          Token.BITXOR,
          Token.BITAND,
          Token.EQ,
          Token.NE,
          Token.SHEQ,
          Token.SHNE,
          Token.LT,
          Token.LE,
          Token.GT,
          Token.GE,
          Token.IN,
          Token.LSH,
          Token.RSH,
          Token.URSH,
          Token.ADD,
          Token.SUB,
          Token.MUL,
          Token.DIV,
          Token.MOD,
          Token.EXP);

  private static final Set<Integer> UNARY =
      Set.of(Token.NOT, Token.POS, Token.NEG, Token.BITNOT, Token.TYPEOF, Token.VOID);

  private static final Set<Integer> KEYWORDS =
      Set.of(Token.NULL, Token.TRUE, Token.FALSE, Token.UNDEFINED);

  private final RuleType type;
  private final List<RegExpLiteral> regexes = new ArrayList<>();
  private final Set<String> unknown = new TreeSet<>();
  private boolean usesData;
  private boolean usesOldData;
  private boolean usesReferences;

  /**
   * What a rule looks at.
   *
   * @param references whether it calls {@code _()}
   */
  record Uses(boolean data, boolean oldData, boolean references) {
    static final Uses NOTHING = new Uses(false, false, false);
  }

  /** What is wrong with a rule. */
  static final class NotAllowed extends Exception {
    private static final long serialVersionUID = 1L;

    NotAllowed(String problem) {
      super(problem, null, false, false);
    }

    String problem() {
      return String.valueOf(getMessage());
    }
  }

  RuleSyntax(RuleType type) {
    this.type = type;
  }

  /** The one expression that the rule is. */
  AstNode check(AstRoot root) throws NotAllowed {
    if (root.getFirstChild() == null) {
      throw new NotAllowed("is empty; write true, false or an expression");
    }
    if (!(root.getFirstChild() instanceof ExpressionStatement statement)
        || statement.getNext() != null) {
      throw new NotAllowed("is not a single expression; statements are not allowed");
    }
    check(statement.getExpression(), 0);
    return statement.getExpression();
  }

  Uses uses() {
    return new Uses(usesData, usesOldData, usesReferences);
  }

  /** In the order of the text. */
  List<RegExpLiteral> regexes() {
    return List.copyOf(regexes);
  }

  /** Names that are no variables: a rule that gets to one of them fails. */
  Set<String> unknownNames() {
    return Set.copyOf(unknown);
  }

  private void check(AstNode node, int depth) throws NotAllowed {
    if (depth > MAX_DEPTH) {
      throw new NotAllowed("is nested too deeply");
    }
    int next = depth + 1;
    switch (node) {
      case NumberLiteral number -> {}
      case StringLiteral string -> {}
      case TemplateCharacters characters -> {}
      case EmptyExpression hole -> {}
      case RegExpLiteral regex -> regexes.add(regex);
      case KeywordLiteral keyword -> allow(KEYWORDS, keyword);
      case Name name -> checkVariable(name.getIdentifier());
      case ParenthesizedExpression parentheses -> check(parentheses.getExpression(), next);
      case NewExpression creation -> throw new NotAllowed("uses new, which is not allowed");
      case FunctionCall call -> checkCall(call, next);
      case PropertyGet member -> {
        checkMember(member.getProperty().getIdentifier());
        check(member.getTarget(), next);
      }
      case ElementGet element -> {
        String constant = constantText(element.getElement(), next);
        if (constant != null) {
          checkMember(constant);
        }
        check(element.getTarget(), next);
        check(element.getElement(), next);
      }
      case Assignment assignment ->
          throw new NotAllowed("has an assignment; to compare, write == or ===");
      case InfixExpression infix -> {
        allow(BINARY, infix);
        check(infix.getLeft(), next);
        check(infix.getRight(), next);
      }
      case UnaryExpression unary -> {
        allow(UNARY, unary);
        check(unary.getOperand(), next);
      }
      case ConditionalExpression conditional -> {
        check(conditional.getTestExpression(), next);
        check(conditional.getTrueExpression(), next);
        check(conditional.getFalseExpression(), next);
      }
      case ArrayLiteral array -> {
        for (AstNode element : array.getElements()) {
          check(element, next);
        }
      }
      case TemplateLiteral template -> {
        for (AstNode element : template.getElements()) {
          check(element, next);
        }
      }
      case AstNode other -> throw notAllowed(other);
    }
  }

  private void checkCall(FunctionCall call, int depth) throws NotAllowed {
    AstNode target = call.getTarget();
    if (target instanceof Name name) {
      if (!name.getIdentifier().equals("_")) {
        throw callNotAllowed(name.getIdentifier());
      }
      usesReferences = true;
    } else if (target instanceof PropertyGet member) {
      String method = member.getProperty().getIdentifier();
      if (!METHODS.contains(method)) {
        throw callNotAllowed(method);
      }
      check(member.getTarget(), depth);
    } else {
      throw callNotAllowed(target.toSource());
    }
    for (AstNode argument : call.getArguments()) {
      check(argument, depth);
    }
  }

  private static NotAllowed callNotAllowed(String called) {
    String allowed = String.join(", ", new TreeSet<>(METHODS));
    return new NotAllowed("calls " + called + "; allowed are _, " + allowed);
  }

  private static void checkMember(String member) throws NotAllowed {
    if (FORBIDDEN_MEMBERS.contains(member)) {
      throw new NotAllowed("looks at " + member + ", which is not allowed");
    }
  }

  private void checkVariable(String name) throws NotAllowed {
    if (HOST_NAMES.contains(name) || name.startsWith("__") || name.equals("_")) {
      throw new NotAllowed("uses " + name + ", which is not available to rules");
    }
    if (name.equals("data")) {
      if (!type.allowsData()) {
        throw new NotAllowed("uses data, which a rule of type " + type.key() + " does not have");
      }
      usesData = true;
    } else if (name.equals("oldData")) {
      if (!type.allowsOldData()) {
        throw new NotAllowed("uses oldData, which a rule of type " + type.key() + " does not have");
      }
      usesOldData = true;
    } else if (!name.startsWith("$") && !VARIABLES.contains(name)) {
      unknown.add(name);
    }
  }

  private static void allow(Set<Integer> tokens, AstNode node) throws NotAllowed {
    if (!tokens.contains(node.getType())) {
      throw notAllowed(node);
    }
  }

  private static NotAllowed notAllowed(AstNode node) {
    return new NotAllowed(
        switch (node.getType()) {
          case Token.FUNCTION -> "has a function, which is not allowed";
          case Token.THIS -> "uses this, which is not available to rules";
          case Token.INC, Token.DEC -> "has ++ or --, which is not allowed";
          case Token.OBJECTLIT -> "has an object literal, which is not allowed";
          default -> "has what is not allowed in rules: " + Token.typeToName(node.getType());
        });
  }

  /** The text that an expression of literals comes to, or null if it is another expression. */
  private static @Nullable String constantText(AstNode node, int depth) {
    if (depth > MAX_DEPTH) {
      return null;
    }
    return switch (node) {
      case StringLiteral string -> string.getValue();
      case ParenthesizedExpression parentheses ->
          constantText(parentheses.getExpression(), depth + 1);
      case TemplateLiteral template when template.getSubstitutions().isEmpty() ->
          template.getElements().stream()
              .map(each -> ((TemplateCharacters) each).getValue())
              .reduce("", String::concat);
      case InfixExpression infix when infix.getType() == Token.ADD -> {
        String left = constantText(infix.getLeft(), depth + 1);
        String right = constantText(infix.getRight(), depth + 1);
        yield left == null || right == null ? null : left + right;
      }
      default -> null;
    };
  }
}
