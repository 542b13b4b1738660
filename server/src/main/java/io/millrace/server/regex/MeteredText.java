package io.millrace.server.regex;

import java.util.function.LongConsumer;

/** A text that costs something again when it is looked at too often. For one thread. */
final class MeteredText implements CharSequence {
  /** How often one search may look at a character: with what stands before and behind it. */
  private static final int LOOKS_OF_ONE_SEARCH = 4;

  private final String text;
  private final long price;
  private final LongConsumer meter;
  private long paidLooks;

  /**
   * @param price of a look more than one search needs
   */
  MeteredText(String text, long price, LongConsumer meter) {
    this.text = text;
    this.price = price;
    this.meter = meter;
    this.paidLooks = (long) LOOKS_OF_ONE_SEARCH * (text.length() + 1);
  }

  @Override
  public char charAt(int index) {
    if (paidLooks > 0) {
      paidLooks--;
    } else {
      meter.accept(price);
    }
    return text.charAt(index);
  }

  @Override
  public int length() {
    return text.length();
  }

  @Override
  public CharSequence subSequence(int start, int end) {
    return text.subSequence(start, end);
  }

  @Override
  public String toString() {
    return text;
  }
}
