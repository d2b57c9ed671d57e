// SPDX-License-Identifier: Apache-2.0
// The standard normal law: distribution function, its logarithm, quantile.
#pragma once

namespace precentral {

// Φ(z).
double normal_cdf(double z);

// log Φ(z), accurate far into the lower tail, where Φ itself is zero in double precision.
double log_normal_cdf(double z);

// z with Φ(z) = p for p in (0, 1); ±infinity at 1 and 0.
double normal_quantile(double p);

}  // namespace precentral
