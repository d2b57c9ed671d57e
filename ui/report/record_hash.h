// SPDX-License-Identifier: Apache-2.0
// One name for all the facts behind a page, so that a print can be matched with the record it was made from.
#pragma once

#include <string>

#include "ui/report/review.h"

namespace precentral {

// SHA-256, 64 hexadecimal digits, of the case and of every record in the input, field by field at full precision. The
// date of the page, the rules and the head model do not enter.
std::string record_hash(const ReviewInput& review);

}  // namespace precentral
