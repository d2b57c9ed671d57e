// SPDX-License-Identifier: Apache-2.0
// A field as a sum of stored modes, streamed from memory once.
#pragma once

#include <cstddef>
#include <vector>

#include "navigation/efield/sphere_field.h"

namespace precentral {

// Modes of a vector field at fixed points: blocks of points, in a block the modes, in a mode x, y, z of the block's
// points. Sums are taken per point in the order of the modes, so every processor gives the same bits.
class FieldModes {
public:
    static constexpr std::size_t kBlock = 256;

    FieldModes() = default;
    FieldModes(std::size_t points, std::size_t modes);
    // From stored values; their number must be that of values().
    FieldModes(std::size_t points, std::size_t modes, std::vector<float> values);

    std::size_t points() const { return points_; }
    std::size_t modes() const { return modes_; }
    std::size_t blocks() const { return (points_ + kBlock - 1) / kBlock; }
    const std::vector<float>& values() const { return values_; }
    // Component 0, 1 or 2.
    float& at(std::size_t point, std::size_t mode, std::size_t component) {
        return values_[((point / kBlock * modes_ + mode) * 3 + component) * kBlock + point % kBlock];
    }

    // Adds the modes, each times its coefficient, to `field` (of points() vectors).
    void add_to(const std::vector<float>& coefficients, Vectors3f& field) const;

private:
    std::size_t points_ = 0;
    std::size_t modes_ = 0;
    std::vector<float> values_;
};

}  // namespace precentral
