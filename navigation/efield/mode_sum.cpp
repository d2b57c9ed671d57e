// SPDX-License-Identifier: Apache-2.0
// Compiled without fused multiply-add, as sphere_field.cpp.
#include "navigation/efield/mode_sum.h"

#include <algorithm>

#include "data/error.h"
#include "navigation/efield/vector_units.h"

namespace precentral {
namespace {

PRECENTRAL_EACH_VECTOR_UNIT
void add_block(const float* values, const float* coefficients, std::size_t modes, float* sum) {
    constexpr std::size_t kLength = 3 * FieldModes::kBlock;
    // Four modes a pass: fewer loads and stores of the sums.
    std::size_t k = 0;
    for (; k + 4 <= modes; k += 4) {
        const float* a = values + k * kLength;
        const float c0 = coefficients[k];
        const float c1 = coefficients[k + 1];
        const float c2 = coefficients[k + 2];
        const float c3 = coefficients[k + 3];
        for (std::size_t i = 0; i < kLength; ++i) {
            sum[i] = (((sum[i] + c0 * a[i]) + c1 * a[i + kLength]) + c2 * a[i + 2 * kLength]) + c3 * a[i + 3 * kLength];
        }
    }
    for (; k < modes; ++k) {
        const float* a = values + k * kLength;
        for (std::size_t i = 0; i < kLength; ++i) sum[i] += coefficients[k] * a[i];
    }
}

}  // namespace

FieldModes::FieldModes(std::size_t points, std::size_t modes)
    : points_(points), modes_(modes), values_(blocks() * modes * 3 * kBlock, 0.0F) {}

FieldModes::FieldModes(std::size_t points, std::size_t modes, std::vector<float> values)
    : points_(points), modes_(modes), values_(std::move(values)) {
    if (values_.size() != blocks() * modes_ * 3 * kBlock)
        throw Error("These field modes are not of the size they say.");
}

void FieldModes::add_to(const std::vector<float>& coefficients, Vectors3f& field) const {
    float sum[3 * kBlock];
    for (std::size_t block = 0; block < blocks(); ++block) {
        const std::size_t first = block * kBlock;
        const std::size_t count = std::min(kBlock, points_ - first);
        std::fill_n(sum, 3 * kBlock, 0.0F);
        add_block(&values_[block * modes_ * 3 * kBlock], coefficients.data(), modes_, sum);
        for (std::size_t i = 0; i < count; ++i) {
            field.x[first + i] += sum[i];
            field.y[first + i] += sum[kBlock + i];
            field.z[first + i] += sum[2 * kBlock + i];
        }
    }
}

}  // namespace precentral
