// SPDX-License-Identifier: Apache-2.0
// Where on the head a point is, in words an operator uses.
#pragma once

#include <string>

#include "data/frames.h"
#include "imaging/surface.h"

namespace precentral {

// Centre of the upper head: the mean of the scalp between the crown and 130 mm below it, each axis at mid-range.
Point<Scan> upper_head_centre(const Surface& scalp);

// "top of the head, right side", "forehead", "face, left side", "back of the head", "side of the head, left".
std::string place_in_words(const Point<Scan>& p, const Point<Scan>& head_centre);

}  // namespace precentral
