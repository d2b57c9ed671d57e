// SPDX-License-Identifier: Apache-2.0
// Where imaging includes for_each_part from.
#pragma once

#include "data/parallel.h"
