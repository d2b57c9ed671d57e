// SPDX-License-Identifier: Apache-2.0
// Coil models from the user's own files: .ccd and .tcd of SimNIBS.
//
// .ccd: text; a header line with `key=value;` pairs, the number of dipoles, a comment, one dipole a line: x y z in m,
// moment in A·m² for 1 A. .tcd: JSON; positions in mm, moments in A·m² (element type 1) or pieces of wire in mm (type
// 2); arrays as lists or as base64 of doubles, which may be compressed. Both use the axes of Coil. A file may come from
// anywhere: every number is checked.
#pragma once

#include <string>

#include "navigation/efield/coil.h"

namespace precentral {

// By the name's ending. Throws InputError, naming the file, when it is missing, broken, holds more than 200 000
// elements, values no coil has, a sampled field instead of sources (type 3), pieces of wire that do not close, or
// several stimulators (whose currents would have to be told apart).
CoilModel read_coil(const std::string& path);

// A file's name when it ends in .ccd or .tcd; else the reduced coil of that name, within 0.1 %.
CoilModel coil_from(const std::string& name_or_path);

}  // namespace precentral
