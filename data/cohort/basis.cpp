// SPDX-License-Identifier: Apache-2.0
#include "data/cohort/basis.h"

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

#include "data/error.h"

namespace precentral::cohort {

void require_level(double level) {
    if (!(level > 0.0 && level < 1.0)) {
        throw InputError("The level of an interval lies between 0 and 1, for example 0.95.");
    }
}

double normal_quantile_two_sided(double level) {
    require_level(level);
    return boost::math::quantile(boost::math::normal(), 0.5 + 0.5 * level);
}

double chi_square_quantile(double level) {
    require_level(level);
    return boost::math::quantile(boost::math::chi_squared(1.0), level);
}

double normal_p_two_sided(double z) {
    if (std::isnan(z)) return z;
    return std::erfc(std::abs(z) / std::sqrt(2.0));
}

double chi_square_p(double x, double degrees) {
    if (std::isnan(x)) return x;
    if (x <= 0.0) return 1.0;
    if (std::isinf(x)) return 0.0;
    return boost::math::cdf(boost::math::complement(boost::math::chi_squared(degrees), x));
}

double student_p_two_sided(double t, double degrees) {
    if (std::isnan(t)) return t;
    if (std::isinf(t)) return 0.0;
    return 2.0 * boost::math::cdf(boost::math::complement(boost::math::students_t(degrees), std::abs(t)));
}

}  // namespace precentral::cohort
