// SPDX-License-Identifier: Apache-2.0
#include "imaging/voxel_ops.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "imaging/parallel.h"

namespace precentral {
namespace {

constexpr float kFar = 1e12F;

std::size_t at(int i) { return static_cast<std::size_t>(i); }

// One line of `count` values `stride` apart: padded copy in, result out.
void smooth_line(float* line, int count, std::size_t stride, const std::vector<float>& kernel,
                 std::vector<float>& padded) {
    const int radius = static_cast<int>(kernel.size() / 2);
    padded.resize(at(count + 2 * radius));
    for (int i = 0; i < count; ++i) padded[at(i + radius)] = line[at(i) * stride];
    std::fill_n(padded.begin(), radius, padded[at(radius)]);
    std::fill_n(padded.end() - radius, radius, padded[at(radius + count - 1)]);
    for (int i = 0; i < count; ++i) {
        float sum = 0.0F;
        for (std::size_t t = 0; t < kernel.size(); ++t) sum += kernel[t] * padded[at(i) + t];
        line[at(i) * stride] = sum;
    }
}

// A slice at a time, whole rows at once: the slow axes stay in the cache and the loops vectorise.
void smooth_across(Field& field, const std::array<int, 3>& dims, int axis, const std::vector<float>& kernel) {
    const int radius = static_cast<int>(kernel.size() / 2);
    const std::size_t row = at(dims[0]);
    const std::size_t slice = row * at(dims[1]);
    const int lines = axis == 1 ? dims[2] : dims[1];  // planes that hold the axis and i
    const int count = dims[at(axis)];
    const std::size_t stride = axis == 1 ? row : slice;
    const std::size_t plane_stride = axis == 1 ? slice : row;
    for_each_part(lines, [&](int line) {
        float* plane = field.data() + at(line) * plane_stride;
        std::vector<float> copy(row * at(count));
        for (int n = 0; n < count; ++n) std::copy_n(plane + at(n) * stride, row, copy.data() + at(n) * row);
        std::vector<float> sum(row);
        for (int n = 0; n < count; ++n) {
            std::fill(sum.begin(), sum.end(), 0.0F);
            for (int t = -radius; t <= radius; ++t) {
                const float weight = kernel[at(t + radius)];
                const float* from = copy.data() + at(std::clamp(n + t, 0, count - 1)) * row;
                for (std::size_t i = 0; i < row; ++i) sum[i] += weight * from[i];
            }
            std::copy_n(sum.data(), row, plane + at(n) * stride);
        }
    });
}

// One line of the distance transform: the lower envelope of the parabolas (i - q)² + f(q).
void distance_line(const float* f, float* out, int count, std::vector<int>& apex, std::vector<float>& from) {
    apex.resize(at(count));
    from.resize(at(count) + 1);
    int last = 0;
    apex[0] = 0;
    from[0] = -std::numeric_limits<float>::infinity();
    from[1] = std::numeric_limits<float>::infinity();
    const auto meet = [&](int p, int q) {
        const double fp = static_cast<double>(f[p]) + static_cast<double>(p) * p;
        const double fq = static_cast<double>(f[q]) + static_cast<double>(q) * q;
        return static_cast<float>((fq - fp) / (2.0 * (q - p)));
    };
    for (int q = 1; q < count; ++q) {
        float s = meet(apex[at(last)], q);
        while (last > 0 && s <= from[at(last)]) {
            --last;
            s = meet(apex[at(last)], q);
        }
        ++last;
        apex[at(last)] = q;
        from[at(last)] = s;
        from[at(last) + 1] = std::numeric_limits<float>::infinity();
    }
    int part = 0;
    for (int i = 0; i < count; ++i) {
        while (from[at(part) + 1] < static_cast<float>(i)) ++part;
        const float step = static_cast<float>(i - apex[at(part)]);
        out[i] = std::min(kFar, step * step + f[apex[at(part)]]);
    }
}

// Labels of the runs of set voxels along i, joined with the runs they touch in the rows before: union by index.
struct Runs {
    struct Run {
        int begin, end, parent;
    };
    std::vector<Run> runs;
    std::vector<int> first_of_row;

    int root(int r) {
        while (runs[at(r)].parent != r) {
            runs[at(r)].parent = runs[at(runs[at(r)].parent)].parent;
            r = runs[at(r)].parent;
        }
        return r;
    }
    void join(int a, int b) {
        a = root(a);
        b = root(b);
        if (a != b) runs[at(std::max(a, b))].parent = std::min(a, b);
    }
    void join_rows(int row, int other) {
        int a = first_of_row[at(row)];
        int b = first_of_row[at(other)];
        const int a_end = first_of_row[at(row) + 1];
        const int b_end = first_of_row[at(other) + 1];
        while (a < a_end && b < b_end) {
            if (runs[at(a)].begin < runs[at(b)].end && runs[at(b)].begin < runs[at(a)].end) join(a, b);
            if (runs[at(a)].end < runs[at(b)].end) {
                ++a;
            } else {
                ++b;
            }
        }
    }
};

Runs connected_runs(const Mask& mask, const std::array<int, 3>& dims, unsigned char value) {
    Runs out;
    const int rows = dims[1] * dims[2];
    out.first_of_row.reserve(at(rows) + 1);
    for (int row = 0; row < rows; ++row) {
        out.first_of_row.push_back(static_cast<int>(out.runs.size()));
        const unsigned char* line = mask.data() + at(row) * at(dims[0]);
        for (int i = 0; i < dims[0];) {
            if (line[i] != value) {
                ++i;
                continue;
            }
            const int begin = i;
            while (i < dims[0] && line[i] == value) ++i;
            out.runs.push_back({begin, i, static_cast<int>(out.runs.size())});
        }
    }
    out.first_of_row.push_back(static_cast<int>(out.runs.size()));
    for (int k = 0; k < dims[2]; ++k) {
        for (int j = 0; j < dims[1]; ++j) {
            const int row = j + dims[1] * k;
            if (j > 0) out.join_rows(row, row - 1);
            if (k > 0) out.join_rows(row, row - dims[1]);
        }
    }
    return out;
}

}  // namespace

std::vector<float> gaussian_kernel(double sigma_voxels) {
    const int radius = std::max(1, static_cast<int>(std::ceil(3.0 * sigma_voxels)));
    std::vector<float> kernel(at(2 * radius + 1));
    double sum = 0.0;
    for (int i = -radius; i <= radius; ++i) sum += std::exp(-0.5 * i * i / (sigma_voxels * sigma_voxels));
    for (int i = -radius; i <= radius; ++i) {
        kernel[at(i + radius)] = static_cast<float>(std::exp(-0.5 * i * i / (sigma_voxels * sigma_voxels)) / sum);
    }
    return kernel;
}

void smooth(Field& field, const std::array<int, 3>& dims, double sigma_voxels) {
    if (!(sigma_voxels > 0.05)) return;
    const auto kernel = gaussian_kernel(sigma_voxels);
    const std::size_t row = at(dims[0]);
    for_each_part(dims[2], [&](int k) {
        std::vector<float> padded;
        for (int j = 0; j < dims[1]; ++j) {
            smooth_line(field.data() + row * (at(j) + at(dims[1]) * at(k)), dims[0], 1, kernel, padded);
        }
    });
    smooth_across(field, dims, 1, kernel);
    smooth_across(field, dims, 2, kernel);
}

void even_out(Field& field, const std::array<int, 3>& dims, const Mask& mask, double sigma_voxels) {
    Field inside;
    for (std::size_t i = 0; i < field.size(); ++i) {
        if (mask[i] != 0) inside.push_back(field[i]);
    }
    if (inside.empty()) return;
    double mean = 0.0;
    const float bright = quantile(inside, 0.95);
    for (const float value : inside) mean += static_cast<double>(std::min(value, bright));
    const auto usual = static_cast<float>(mean / static_cast<double>(inside.size()));
    if (!(usual > 0.0F)) return;
    // Shading is slow: blocks of a third of the Gaussian are fine enough, and 27 times fewer.
    const int block = std::max(1, static_cast<int>(sigma_voxels / 3.0));
    WorkGrid fine{dims, {}, 1.0};
    WorkGrid coarse{{}, {Eigen::Vector3d::Constant(0.5 * (block - 1))}, static_cast<double>(block)};
    for (std::size_t a = 0; a < 3; ++a) coarse.dims[a] = std::max(2, (dims[a] + block - 1) / block);
    Field weight(coarse.count(), 0.0F);
    Field sum(coarse.count(), 0.0F);
    for (int k = 0; k < dims[2]; ++k) {
        for (int j = 0; j < dims[1]; ++j) {
            for (int i = 0; i < dims[0]; ++i) {
                const std::size_t from = fine.index(i, j, k);
                if (mask[from] == 0) continue;
                const std::size_t to = coarse.index(i / block, j / block, k / block);
                weight[to] += 1.0F;
                sum[to] += std::min(field[from], bright);
            }
        }
    }
    smooth(weight, coarse.dims, sigma_voxels / block);
    smooth(sum, coarse.dims, sigma_voxels / block);
    // Far from the mask the gain fades to one.
    const float trust = 0.005F * *std::max_element(weight.begin(), weight.end());
    Field gain(coarse.count());
    for (std::size_t i = 0; i < gain.size(); ++i) gain[i] = usual * (weight[i] + trust) / (sum[i] + trust * usual);
    for_each_part(dims[2], [&](int k) {
        for (int j = 0; j < dims[1]; ++j) {
            for (int i = 0; i < dims[0]; ++i) {
                // The outermost blocks hold on to the border.
                Eigen::Vector3d voxel = (Eigen::Vector3d(i, j, k) - coarse.first.xyz) / block;
                for (Eigen::Index a = 0; a < 3; ++a) {
                    voxel[a] = std::clamp(voxel[a], 0.0, coarse.dims[static_cast<std::size_t>(a)] - 1.0);
                }
                field[fine.index(i, j, k)] *= sampled(gain, coarse, voxel);
            }
        }
    });
}

float quantile(Field samples, double share) {
    if (samples.empty()) return 0.0F;
    const auto nth = static_cast<std::ptrdiff_t>(share * static_cast<double>(samples.size() - 1));
    std::nth_element(samples.begin(), samples.begin() + nth, samples.end());
    return samples[static_cast<std::size_t>(nth)];
}

float otsu_threshold(const Field& field) {
    if (field.empty()) return 0.0F;
    const float low = *std::min_element(field.begin(), field.end());
    Field some;  // every 7th sample places the upper end well enough
    for (std::size_t i = 0; i < field.size(); i += 7) some.push_back(field[i]);
    const float high = quantile(std::move(some), 0.999);
    if (!(high > low)) return low;
    constexpr int kBins = 256;
    std::array<double, kBins> histogram{};
    const float scale = static_cast<float>(kBins) / (high - low);
    for (const float value : field) {
        ++histogram[at(std::clamp(static_cast<int>((std::min(value, high) - low) * scale), 0, kBins - 1))];
    }
    double total = 0.0;
    for (int b = 0; b < kBins; ++b) total += b * histogram[at(b)];
    const auto all = static_cast<double>(field.size());
    double below = 0.0;
    double below_sum = 0.0;
    double best = -1.0;
    int best_bin = 0;
    for (int b = 0; b < kBins - 1; ++b) {
        below += histogram[at(b)];
        below_sum += b * histogram[at(b)];
        if (below == 0.0 || below == all) continue;
        const double apart = below_sum / below - (total - below_sum) / (all - below);
        const double between = below * (all - below) * apart * apart;
        if (between > best) {
            best = between;
            best_bin = b;
        }
    }
    return low + (static_cast<float>(best_bin) + 1.0F) / scale;
}

Mask above(const Field& field, float threshold) {
    Mask out(field.size());
    for (std::size_t i = 0; i < field.size(); ++i) out[i] = field[i] > threshold ? 1 : 0;
    return out;
}

std::size_t count_of(const Mask& mask) { return std::accumulate(mask.begin(), mask.end(), std::size_t{0}); }

Mask largest_part(const Mask& mask, const std::array<int, 3>& dims) {
    Runs parts = connected_runs(mask, dims, 1);
    Mask out(mask.size(), 0);
    if (parts.runs.empty()) return out;
    std::vector<std::size_t> sizes(parts.runs.size(), 0);
    for (int r = 0; r < static_cast<int>(parts.runs.size()); ++r) {
        sizes[at(parts.root(r))] += at(parts.runs[at(r)].end - parts.runs[at(r)].begin);
    }
    const int largest = static_cast<int>(std::max_element(sizes.begin(), sizes.end()) - sizes.begin());
    for (int row = 0; row < dims[1] * dims[2]; ++row) {
        for (int r = parts.first_of_row[at(row)]; r < parts.first_of_row[at(row) + 1]; ++r) {
            if (parts.root(r) != largest) continue;
            unsigned char* line = out.data() + at(row) * at(dims[0]);
            std::fill(line + parts.runs[at(r)].begin, line + parts.runs[at(r)].end, static_cast<unsigned char>(1));
        }
    }
    return out;
}

void fill_holes(Mask& mask, const std::array<int, 3>& dims) {
    Runs air = connected_runs(mask, dims, 0);
    std::vector<char> reached(air.runs.size(), 0);
    const auto each_run = [&](const auto& visit) {
        for (int k = 0; k < dims[2]; ++k) {
            for (int j = 0; j < dims[1]; ++j) {
                const int row = j + dims[1] * k;
                for (int r = air.first_of_row[at(row)]; r < air.first_of_row[at(row) + 1]; ++r) visit(r, j, k, row);
            }
        }
    };
    each_run([&](int r, int j, int k, int) {
        const bool at_border = j == 0 || k == 0 || j == dims[1] - 1 || k == dims[2] - 1 || air.runs[at(r)].begin == 0 ||
                               air.runs[at(r)].end == dims[0];
        if (at_border) reached[at(air.root(r))] = 1;
    });
    each_run([&](int r, int, int, int row) {
        if (reached[at(air.root(r))] != 0) return;
        unsigned char* line = mask.data() + at(row) * at(dims[0]);
        std::fill(line + air.runs[at(r)].begin, line + air.runs[at(r)].end, static_cast<unsigned char>(1));
    });
}

Field squared_distance(const Mask& mask, const std::array<int, 3>& dims, unsigned char to) {
    Field out(mask.size());
    for (std::size_t i = 0; i < mask.size(); ++i) out[i] = mask[i] == to ? 0.0F : kFar;
    const std::size_t row = at(dims[0]);
    const std::size_t slice = row * at(dims[1]);
    const auto transform = [&](int axis) {
        const int outer = axis == 2 ? dims[1] : dims[2];
        const int inner = axis == 0 ? dims[1] : dims[0];
        const std::size_t outer_stride = axis == 2 ? row : slice;
        const std::size_t inner_stride = axis == 0 ? row : 1;
        const std::size_t stride = axis == 0 ? 1 : axis == 1 ? row : slice;
        const int count = dims[at(axis)];
        for_each_part(outer, [&](int o) {
            std::vector<float> line(at(count));
            std::vector<float> result(at(count));
            std::vector<int> apex;
            std::vector<float> from;
            for (int n = 0; n < inner; ++n) {
                float* start = out.data() + at(o) * outer_stride + at(n) * inner_stride;
                bool all_far = true;
                bool all_zero = true;
                for (int i = 0; i < count; ++i) {
                    line[at(i)] = start[at(i) * stride];
                    all_far = all_far && line[at(i)] >= kFar;
                    all_zero = all_zero && line[at(i)] == 0.0F;
                }
                if (all_far || all_zero) continue;
                distance_line(line.data(), result.data(), count, apex, from);
                for (int i = 0; i < count; ++i) start[at(i) * stride] = result[at(i)];
            }
        });
    };
    transform(0);
    transform(1);
    transform(2);
    return out;
}

Mask dilated(const Mask& mask, const std::array<int, 3>& dims, double radius_voxels) {
    const Field distance = squared_distance(mask, dims, 1);
    const auto limit = static_cast<float>(radius_voxels * radius_voxels);
    Mask out(mask.size());
    for (std::size_t i = 0; i < mask.size(); ++i) out[i] = distance[i] <= limit ? 1 : 0;
    return out;
}

Mask eroded(const Mask& mask, const std::array<int, 3>& dims, double radius_voxels) {
    const Field distance = squared_distance(mask, dims, 0);
    const auto limit = static_cast<float>(radius_voxels * radius_voxels);
    Mask out(mask.size());
    for (std::size_t i = 0; i < mask.size(); ++i) out[i] = distance[i] > limit ? 1 : 0;
    return out;
}

Mask closed(const Mask& mask, const std::array<int, 3>& dims, double radius_voxels) {
    return eroded(dilated(mask, dims, radius_voxels), dims, radius_voxels);
}

}  // namespace precentral
