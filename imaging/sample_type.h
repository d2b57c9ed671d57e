// SPDX-License-Identifier: Apache-2.0
// The kinds of numbers image files hold, turned into floats.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace precentral {

enum class SampleType { u8, i8, u16, i16, u32, i32, u64, i64, f32, f64 };

std::size_t bytes_of(SampleType type);

// `count` samples, every `stride`-th one, from the beginning of `raw`, which must be long enough; `big_endian` says how
// the file wrote them.
std::vector<float> to_floats(std::span<const unsigned char> raw, SampleType type, bool big_endian, std::size_t count,
                             std::size_t stride = 1);

}  // namespace precentral
