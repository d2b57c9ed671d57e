// SPDX-License-Identifier: Apache-2.0
// What the samples of an image say against its being a whole-head T1.
#pragma once

#include <string>
#include <vector>

#include "imaging/volume.h"

namespace precentral {

// Sentences, none when nothing speaks against it: no size of a head, a CT (values from about -1000), a map of labels
// (whole numbers, few or in pieces of one each), skull-stripped (nothing but zeros around a piece the size of a brain),
// a head cut off at the top or at a side. Two passes over the samples. A T2 is not told from a T1 here.
std::vector<std::string> image_doubts(const Volume& volume);

}  // namespace precentral
