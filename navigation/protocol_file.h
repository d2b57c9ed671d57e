// SPDX-License-Identifier: Apache-2.0
// A protocol as a site writes it down: JSON, with the bounds of coil and site beside it.
#pragma once

#include <string>
#include <vector>

#include "navigation/dose_limits.h"

namespace precentral {

// Keys as in `precentral dose check --help`; those that are not known are named in `ignored`. Throws InputError with
// the file and the key for what is missing, out of range or contradicts itself.
DosePlan read_dose_plan(const std::string& file, std::vector<std::string>& ignored);

}  // namespace precentral
