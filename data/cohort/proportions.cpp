// SPDX-License-Identifier: Apache-2.0
#include "data/cohort/proportions.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>

#include "data/error.h"

namespace precentral::cohort {
namespace {

void require_count(int with, int n) {
    if (n <= 0) throw InputError("A proportion of nobody does not exist; the group is empty.");
    if (with < 0 || with > n) {
        throw InputError("Of " + std::to_string(n) + " there cannot be " + std::to_string(with) + ".");
    }
}

}  // namespace

Proportion wilson(int with, int n, double level) {
    require_count(with, n);
    const double z = normal_quantile_two_sided(level), size = n, share = with / size;
    const double shrink = 1.0 + z * z / size, centre = (share + z * z / (2.0 * size)) / shrink;
    const double reach = z / shrink * std::sqrt(share * (1.0 - share) / size + z * z / (4.0 * size * size));
    Proportion out;
    out.basis.method = "Wilson score interval";
    out.basis.n = n;
    // At 0 and n the limit is the bound itself; rounding would leave it a hair beside.
    out.share = {share, with == 0 ? 0.0 : centre - reach, with == n ? 1.0 : centre + reach, level};
    return out;
}

Proportion clopper_pearson(int with, int n, double level) {
    require_count(with, n);
    require_level(level);
    using Binomial = boost::math::binomial;
    const double tail = 0.5 * (1.0 - level);
    Proportion out;
    out.basis.method = "Clopper-Pearson exact interval";
    out.basis.n = n;
    out.share = {static_cast<double>(with) / n, with == 0 ? 0.0 : Binomial::find_lower_bound_on_p(n, with, tail),
                 with == n ? 1.0 : Binomial::find_upper_bound_on_p(n, with, tail), level};
    return out;
}

McNemar mcnemar(int gained, int lost, int unchanged) {
    if (gained < 0 || lost < 0 || unchanged < 0) throw InputError("A count of pairs cannot be below 0.");
    McNemar out;
    out.gained = gained;
    out.lost = lost;
    out.basis.method = "McNemar test, exact and mid-p";
    out.basis.n = gained + lost + unchanged;
    if (out.basis.n == 0) throw InputError("There is no pair to compare: nobody has both values.");
    if (unchanged > 0) {
        out.basis.exclusions.push_back(std::to_string(unchanged) + " pairs without change carry no information");
    }
    const int changed = gained + lost;
    if (changed == 0) {
        out.basis.reason = "nobody changed, so nothing speaks against no change";
        return out;
    }
    const boost::math::binomial even(changed, 0.5);
    const int fewer = std::min(gained, lost);
    const double tail = boost::math::cdf(even, fewer), at = boost::math::pdf(even, fewer);
    out.exact_p = std::min(1.0, 2.0 * tail);
    out.mid_p = std::min(1.0, 2.0 * tail - at);
    return out;
}

}  // namespace precentral::cohort
