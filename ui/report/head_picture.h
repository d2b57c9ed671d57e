// SPDX-License-Identifier: Apache-2.0
// One picture of a prepared head to look at before it is trusted: scalp and cortex from four sides, with what is
// proposed on them.
#pragma once

#include <filesystem>
#include <vector>

#include "imaging/coil_proposals.h"
#include "imaging/ten_twenty.h"

namespace precentral {

// PNG, 1835 × 995. Above, the scalp with fiducials, 10-20 sites and the coil (bar along its handle) over each hand;
// below, the cortex with hand, face and leg of M1. Each panel says which side it shows. Throws Error when the picture
// cannot be drawn (no EGL context) or written.
void write_head_picture(const HeadModel& head, const std::vector<CoilProposal>& motor,
                        const std::vector<ScalpSite>& sites, const std::filesystem::path& png);

}  // namespace precentral
