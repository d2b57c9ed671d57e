// SPDX-License-Identifier: Apache-2.0
// The field of the coil on the cortex, pose after pose, on a thread of its own: the newest pose wins, nothing is
// queued.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "imaging/surface.h"
#include "navigation/efield/cortical_field.h"
#include "navigation/latest.h"

namespace precentral {

struct PaintedField {
    std::uint64_t wish = 0;      // which want() it answers
    std::vector<float> share;    // of the peak, 0–1, at each vertex of the cortex
    double peak_v_per_m = 0.0;   // for 1 A/µs
    double area_half_mm2 = 0.0;  // at least 50 % of the peak
    FieldOrigin origin;
};

class FieldPainter {
public:
    // Any surface of the scalp will do for the sphere; the coil is the 70 mm figure-of-eight until sessions name
    // theirs.
    FieldPainter(std::shared_ptr<const Surface> scalp, std::shared_ptr<const Surface> cortex);
    ~FieldPainter();
    FieldPainter(const FieldPainter&) = delete;
    FieldPainter& operator=(const FieldPainter&) = delete;

    // Both return at once. `inner_skull` may be null: then, and while its points are others than the cortex's vertices,
    // the sphere it is.
    // Returns the number of the wish, counting up from 1.
    std::uint64_t want(const Transform<Scan, Coil>& scan_from_coil, std::shared_ptr<const ShellModes> inner_skull);
    // Null before the first, and where no field is known.
    std::shared_ptr<const PaintedField> newest() const { return newest_.get(); }

private:
    struct Wish {
        std::uint64_t number = 0;
        Transform<Scan, Coil> scan_from_coil;
        std::shared_ptr<const ShellModes> inner_skull;
    };
    void work(const std::stop_token& stop);
    void paint(const std::stop_token& stop);

    const std::shared_ptr<const Surface> scalp_, cortex_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::optional<Wish> wish_;
    std::uint64_t wishes_ = 0;
    Latest<std::shared_ptr<const PaintedField>> newest_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace precentral
