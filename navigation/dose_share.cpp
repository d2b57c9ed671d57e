// SPDX-License-Identifier: Apache-2.0
#include "navigation/dose_share.h"

#include <algorithm>
#include <cmath>

namespace precentral {

double relative_dose(const DoseModel& model, const Transform<Scan, Coil>& scan_from_coil,
                     const CorticalTarget& target) {
    const Direction<Scan> offset = target.site - scan_from_coil.origin();
    const double x = offset.dot(scan_from_coil.x_axis()) / model.along_wings_mm;
    const double y = offset.dot(scan_from_coil.y_axis()) / model.along_handle_mm;
    const double deeper_mm = offset.dot(scan_from_coil.z_axis()) - target.nominal_depth_mm;
    const double aligned = std::max(0.0, scan_from_coil.y_axis().dot(target.preferred));
    return aligned * std::exp(-0.5 * (x * x + y * y) - model.per_mm_of_depth * deeper_mm);
}

double dose_share(const DoseModel& model, const Transform<Scan, Coil>& scan_from_coil, const CorticalTarget& target) {
    return std::min(1.0, relative_dose(model, scan_from_coil, target));
}

}  // namespace precentral
