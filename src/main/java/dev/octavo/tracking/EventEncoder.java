package dev.octavo.tracking;

import dev.octavo.protobuf.ProtobufMessage;
import java.time.Instant;
import java.util.Map;
import java.util.SortedMap;

/**
 * TensorBoard's events as protobuf bytes: the fields of {@code event.proto}, {@code summary.proto},
 * {@code tensor.proto} in the TensorBoard repository's {@code compat/proto} that a run of scalars
 * and text needs.
 */
final class EventEncoder {
  /** {@code Event}. */
  private static final int WALL_TIME = 1;

  private static final int STEP = 2;
  private static final int FILE_VERSION = 3;
  private static final int SUMMARY = 5;
  private static final int SESSION_LOG = 7;

  /** {@code Summary} and {@code Summary.Value}. */
  private static final int VALUE = 1;

  private static final int TAG = 1;
  private static final int SIMPLE_VALUE = 2;
  private static final int TENSOR = 8;
  private static final int METADATA = 9;

  /** {@code SummaryMetadata} and its {@code PluginData}. */
  private static final int PLUGIN_DATA = 1;

  private static final int PLUGIN_NAME = 1;
  private static final int DATA_CLASS = 4;
  private static final long DATA_CLASS_TENSOR = 2;

  /** {@code TensorProto}. */
  private static final int DTYPE = 1;

  private static final int TENSOR_SHAPE = 2;
  private static final int STRING_VAL = 8;
  private static final long DT_STRING = 7;

  /** {@code SessionLog}. */
  private static final int STATUS = 1;

  private static final long STATUS_START = 1;

  private EventEncoder() {}

  /** The first record of a file. */
  static byte[] version(Instant time) {
    return event(time, 0).text(FILE_VERSION, "brain.Event:2").toBytes();
  }

  /** Figures at a step. */
  static byte[] scalars(Instant time, long step, SortedMap<String, Double> values) {
    ProtobufMessage summary = new ProtobufMessage();
    for (Map.Entry<String, Double> value : values.entrySet()) {
      summary.message(
          VALUE,
          new ProtobufMessage()
              .text(TAG, value.getKey())
              .float32(SIMPLE_VALUE, value.getValue().floatValue()));
    }
    return event(time, step).message(SUMMARY, summary).toBytes();
  }

  /** A text in Markdown: a scalar tensor of type string, for the plugin that shows it. */
  static byte[] text(Instant time, long step, String tag, String markdown) {
    ProtobufMessage tensor =
        new ProtobufMessage()
            .integer(DTYPE, DT_STRING)
            .message(TENSOR_SHAPE, new ProtobufMessage())
            .text(STRING_VAL, markdown);
    ProtobufMessage metadata =
        new ProtobufMessage()
            .message(PLUGIN_DATA, new ProtobufMessage().text(PLUGIN_NAME, "text"))
            .integer(DATA_CLASS, DATA_CLASS_TENSOR);
    ProtobufMessage value =
        new ProtobufMessage().text(TAG, tag).message(TENSOR, tensor).message(METADATA, metadata);
    return event(time, step)
        .message(SUMMARY, new ProtobufMessage().message(VALUE, value))
        .toBytes();
  }

  /** Says that training starts over at a step: what was written for it and later ones is void. */
  static byte[] restart(Instant time, long step) {
    return event(time, step)
        .message(SESSION_LOG, new ProtobufMessage().integer(STATUS, STATUS_START))
        .toBytes();
  }

  private static ProtobufMessage event(Instant time, long step) {
    double seconds = time.getEpochSecond() + time.getNano() / 1e9;
    ProtobufMessage event = new ProtobufMessage().float64(WALL_TIME, seconds);
    return step == 0 ? event : event.integer(STEP, step);
  }
}
