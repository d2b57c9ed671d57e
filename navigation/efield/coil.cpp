// SPDX-License-Identifier: Apache-2.0
#include "navigation/efield/coil.h"

#include "data/error.h"
#include "data/hash.h"

namespace precentral {

std::string version_of(const std::vector<MagneticDipole>& dipoles) {
    Sha256 hash;
    for (const MagneticDipole& dipole : dipoles) {
        hash.add(dipole.position.xyz.data(), 3 * sizeof(double));
        hash.add(dipole.moment.data(), 3 * sizeof(double));
    }
    return hash.hex().substr(0, 16);
}

CoilModel reversed(const CoilModel& coil) {
    CoilModel out = coil;
    for (MagneticDipole& dipole : out.dipoles) dipole.moment = -dipole.moment;
    out.name += ", reversed";
    out.version = version_of(out.dipoles);
    return out;
}

double didt_a_per_us(const CoilModel& coil, double percent_mso) {
    if (!coil.highest_didt_a_per_us) {
        throw InputError("The maximum dI/dt of the coil \"" + coil.name +
                         "\" is not known; give the rate in A/µs instead of a percentage.");
    }
    if (!(percent_mso >= 0.0 && percent_mso <= 100.0)) {
        throw InputError("An intensity is 0 to 100 % of the stimulator's maximum output.");
    }
    return *coil.highest_didt_a_per_us * percent_mso / 100.0;
}

}  // namespace precentral
