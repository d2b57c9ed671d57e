// SPDX-License-Identifier: Apache-2.0
// The electric field a coil induces at fixed points of a patient's cortex, pose after pose.
//
// Two heads: a sphere fitted to the head under the coil (nothing to prepare), and the patient's own inner skull
// (prepared once, shell_modes.h). Neither holds the cerebrospinal fluid: see kFieldCaution.
#pragma once

#include <Eigen/Core>
#include <memory>
#include <string>
#include <vector>

#include "navigation/efield/coil.h"
#include "navigation/efield/local_sphere.h"
#include "navigation/efield/shell_modes.h"
#include "navigation/efield/sphere_field.h"

namespace precentral {

// To be shown wherever a value in V/m is. Stenroos and Koponen 2019 (doi 10.1016/j.neuroimage.2019.116159; the figure
// is of the preprint, doi 10.1101/547315).
inline constexpr const char* kFieldCaution =
    "Absolute V/m are approximate: cerebrospinal fluid is not in the model, which alone changes the field by about 29 "
    "% "
    "(Stenroos and Koponen 2019). Shares of the peak and directions are more dependable.";

// What a field was computed with; stored with every value.
struct FieldOrigin {
    std::string head;     // "sphere" or "inner skull"
    std::string version;  // of the model and what it was made from
    std::string coil;     // name and version
    std::string in_words() const;
    friend bool operator==(const FieldOrigin&, const FieldOrigin&) = default;
};

class CorticalField {
public:
    virtual ~CorticalField() = default;
    virtual const std::vector<Point<Scan>>& points() const = 0;
    // V/m at every point. Overwrites `field`. One thread at a time. Throws InputError when the rate is not finite or no
    // sphere fits the head there.
    virtual void evaluate(const Transform<Scan, Coil>& scan_from_coil, double didt_a_per_us, Vectors3f& field) = 0;
    // Of the last evaluate().
    virtual FieldOrigin origin() const = 0;
};

inline constexpr const char* kSphereVersion = "sphere 1";

// `surface` is the scalp or the inner skull; the sphere follows the coil over it.
std::unique_ptr<CorticalField> sphere_cortical_field(Surface surface, std::vector<Point<Scan>> points, CoilModel coil);
// A sphere that stays.
std::unique_ptr<CorticalField> sphere_cortical_field(const FittedSphere& sphere, std::vector<Point<Scan>> points,
                                                     CoilModel coil);
// Throws InputError when the modes were made for another coil.
std::unique_ptr<CorticalField> shell_cortical_field(std::shared_ptr<const ShellModes> modes, CoilModel coil);

}  // namespace precentral
