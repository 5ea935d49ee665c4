package dev.octavo.score;

/**
 * An input with its bytes, or the reason why there are none.
 *
 * @param input what was to be read
 * @param bytes of the file; null with an error
 * @param error null where all went well
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record Content(Input input, byte[] bytes, String error) {}
