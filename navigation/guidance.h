// SPDX-License-Identifier: Apache-2.0
// Coil against target: four numbers, their grades, and the one thing to do next.
#pragma once

#include <memory>

#include "data/records.h"
#include "imaging/surface.h"
#include "navigation/efield/target_field.h"
#include "navigation/session_view.h"

namespace precentral {

// on: at or below `on`; near: at or below `near`; beyond: off. 1 mm of lift costs as much field as 7-10 mm of slip
// in a spherically symmetric conductor (closed form of Sarvas 1987), hence the tight gap.
struct GuidanceTolerance {
    double in_plane_on_mm = 2.0, in_plane_near_mm = 5.0;
    double gap_on_mm = 1.0, gap_near_mm = 2.0;
    double pressed_on_mm = 2.0, pressed_near_mm = 4.0;  // gentle pressure into the skin costs no field
    double tilt_on_deg = 5.0, tilt_near_deg = 10.0;
    double twist_on_deg = 5.0, twist_near_deg = 10.0;
};

Deviation deviation_of(const Transform<Scan, Coil>& scan_from_coil, const Transform<Scan, Coil>& target,
                       const SurfaceIndex& scalp);

// Follows one coil against one target, frame by frame. Grades carry 0.3 mm / 0.5 degrees of hysteresis so that a value
// at its limit does not flicker. One thread.
class Guidance {
public:
    Guidance(const TargetRecord& target, const SurfaceIndex& scalp, const GuidanceTolerance& tolerance = {});

    // The field at the target's place on the cortex; without one its share is not known. Throws InputError for another
    // place.
    void use(std::shared_ptr<const TargetField> field);

    // Well under a millisecond.
    GuidanceView update(const Transform<Scan, Coil>& scan_from_coil);
    // The coil is not seen: forget the grades, so that they are judged afresh when it is back.
    void lost();
    const TargetRecord& target() const { return target_; }
    const GuidanceTolerance& tolerance() const { return tolerance_; }

private:
    TargetRecord target_;
    const SurfaceIndex* scalp_;
    GuidanceTolerance tolerance_;
    TargetCompass compass_;
    std::shared_ptr<const TargetField> field_;
    double full_v_per_m_ = 0.0;  // with the coil on its planned pose, for 1 A/µs
    Grade in_plane_ = Grade::hidden, gap_ = Grade::hidden, tilt_ = Grade::hidden, twist_ = Grade::hidden;
};

}  // namespace precentral
