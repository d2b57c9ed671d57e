// SPDX-License-Identifier: Apache-2.0
// The table of patients that a store holds, in the columns of dictionary.h.
#pragma once

#include "data/cohort/table_file.h"
#include "data/progress.h"
#include "data/store.h"

namespace precentral::cohort {

// One row a case with a session. The stimulated place is the median of the targets of the treated sessions (up to the
// fourth), each session's last; the distance is the median of target to hotspot, both of the same session or the last
// hotspot before it. What the record has no place for is missing. Throws InputError when no case has a session.
TableFile patients_of(const Store& store, const std::string& name, const Progress& progress = {});

}  // namespace precentral::cohort
