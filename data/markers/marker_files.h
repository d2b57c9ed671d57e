// SPDX-License-Identifier: Apache-2.0
// Marker files of navigators in and out.
//
// Read: Brainsight text (versions 7-14), Localite XML (InstrumentMarkers, EntryTarget, TriggerMarkers, or a session's
// folder), visor2 (.mrk targets, .csv stimuli), StimGuide JSON, Softaxic .stmpx, InVesalius .mkss, NIBS-BIDS
// *_markers.tsv (draft 6.3), and tables with commas: our own, the pulses of a case export, points, or X,Y,Z,MEP.
// Written: all of them but InVesalius, whose markers lie in an image's own coordinates.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/markers/marker_set.h"

namespace precentral {

enum class MarkerFormat { brainsight, localite, visor2, stimguide, softaxic, invesalius, nibs_bids, csv };
const char* to_word(MarkerFormat format);
// Also "bids". Throws InputError that lists the words.
MarkerFormat marker_format_from_word(const std::string& word);

struct MarkerReading {
    std::optional<MarkerFormat> format = std::nullopt;  // else told from what the file holds
    // A pose whose axes are sheared or scaled by up to a tenth is replaced by the nearest rotation, with a warning,
    // instead of refusing the file.
    bool nearest_rotation = false;
    // Believe the coordinate system a file names even where its own landmarks say that the axes are turned.
    bool as_stated = false;
};

// Any thread. Throws InputError naming the file and the place in it: not a marker file, cut short, a pose that is not
// a rigid right-handed one, a coordinate further than 1 m away.
MarkerSet read_markers(const std::filesystem::path& file, const MarkerReading& how = {});

struct MarkersWritten {
    std::vector<std::filesystem::path> files;
    std::vector<std::string> warnings;  // what the format has no place for, counted
};

// The format is told from the file's name when it is not given: .txt Brainsight, .xml Localite, .mrk visor2, .json
// StimGuide, .stmpx Softaxic, .tsv NIBS-BIDS, .csv our table. Throws InputError when the markers lie in a space that
// the format would call another one, or when there is nothing to write.
MarkersWritten write_markers(const MarkerSet& markers, const std::filesystem::path& file,
                             std::optional<MarkerFormat> format = std::nullopt);

}  // namespace precentral
