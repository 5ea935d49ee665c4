package dev.octavo.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The file that makes a checkpoint whole, in JSON.
 *
 * @param workers number of their files
 * @param trainState where training is
 * @param crc32c of workers and position
 */
record CheckpointMark(int workers, TrainState trainState, String crc32c) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A mark with its checksum. */
  static CheckpointMark of(int workers, TrainState trainState) {
    return new CheckpointMark(workers, trainState, checksum(workers, trainState));
  }

  private static String checksum(int workers, TrainState trainState) {
    CRC32C crc = new CRC32C();
    crc.update((workers + json(trainState)).getBytes(StandardCharsets.UTF_8));
    return Long.toHexString(crc.getValue());
  }

  private static String json(Object value) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a state holds only numbers", e);
    }
  }

  String toJson() {
    return json(this);
  }

  /** Reads the JSON; empty if it was altered or cut off. */
  static Optional<CheckpointMark> fromJson(String json) {
    try {
      CheckpointMark mark = JSON.readValue(json, CheckpointMark.class);
      return Optional.of(mark)
          .filter(m -> m.trainState() != null)
          .filter(m -> checksum(m.workers(), m.trainState()).equals(m.crc32c()));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }
}
