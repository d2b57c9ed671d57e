// SPDX-License-Identifier: Apache-2.0
// What stands beside every statistic: the method's name, how many it rests on, what was left out and why.
#pragma once

#include <string>
#include <vector>

namespace precentral::cohort {

struct Basis {
    std::string method;                   // as a methods section names it
    int n = 0;                            // observations used
    int missing = 0;                      // left out because a needed value is missing (NaN)
    std::vector<std::string> exclusions;  // what else was left out, each with its number
    // Why the value is not what one would expect (a limit without end, no interval); empty when there is nothing to
    // say.
    std::string reason;
};

// An estimate with its interval; NaN where the basis's reason says there is none.
struct Estimate {
    double value = 0.0;
    double low = 0.0;
    double high = 0.0;
    double level = 0.95;
};

// Throws InputError unless 0 < level < 1.
void require_level(double level);
// The normal and chi-square (1 degree of freedom) quantiles that belong to a two-sided interval.
double normal_quantile_two_sided(double level);
double chi_square_quantile(double level);
// P(|Z| >= |z|) of the normal, P(X >= x) of chi-square, P(|T| >= |t|) of Student's t. NaN stays NaN.
double normal_p_two_sided(double z);
double chi_square_p(double x, double degrees);
double student_p_two_sided(double t, double degrees);

}  // namespace precentral::cohort
