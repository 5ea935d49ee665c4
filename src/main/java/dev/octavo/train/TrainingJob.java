package dev.octavo.train;

import dev.octavo.network.Network;
import dev.octavo.program.FlatLayout;
import dev.octavo.program.Precision;
import dev.octavo.train.data.TrainData;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Optional;

/**
 * The subject of a training, once the settings have met the data and the cluster.
 *
 * @param recipe how it is trained, with a global batch size
 * @param data that it is trained and evaluated on
 * @param network with as many classes as the data
 * @param layout of the network; says what is trained
 * @param initial weights
 * @param workers that train it together
 * @param precision of the convolutions
 * @param teacher the model that teaches it; empty for none
 * @param simulation the int8 program that it is trained for; empty for none
 */
@RecordBuilder
record TrainingJob(
    Recipe recipe,
    TrainData data,
    Network network,
    FlatLayout layout,
    InitialWeights initial,
    int workers,
    Precision precision,
    Optional<Teacher> teacher,
    Optional<Simulation> simulation) {}
