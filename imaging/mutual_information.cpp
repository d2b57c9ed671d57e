// SPDX-License-Identifier: Apache-2.0
#include "imaging/mutual_information.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "imaging/parallel.h"
#include "imaging/voxel_ops.h"

namespace precentral {
namespace {

using Eigen::Matrix3d;
using Eigen::Vector3d;
using Matrix34 = Eigen::Matrix<double, 3, 4>;

constexpr int kBins = 32;
constexpr int kParts = 16;         // of the samples; fixed, so that sums always round alike
constexpr double kReachMm = 80.0;  // half a head: turns 1 rad into a typical displacement
constexpr double kLongestStepMm = 4.0;
constexpr double kShortestStepMm = 0.005;

// Bits that look random (Steele, Lea and Flood 2014, doi 10.1145/2714064.2660195), as a number in [0, 1).
double scatter(std::uint64_t seed) {
    seed += 0x9E3779B97F4A7C15ULL;
    seed = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9ULL;
    seed = (seed ^ (seed >> 27)) * 0x94D049BB133111EBULL;
    seed ^= seed >> 31;
    return static_cast<double>(seed >> 11) / 9007199254740992.0;
}

// Values as bins: from 0 at the lowest to `top` at the value below which 99.5 % of the samples lie.
struct BinScale {
    float low, per_value, top;
    float operator()(float value) const { return std::clamp((value - low) * per_value, 0.0F, top); }
};
BinScale bin_scale(const Field& samples, float top) {
    const float low = quantile(samples, 0.001);
    const float high = quantile(samples, 0.995);
    return {low, high > low ? top / (high - low) : 0.0F, top};
}

// The cubic B-spline at distances u + 1, u, 1 - u and 2 - u, and its derivative by u.
void spline_weights(double u, std::array<double, 4>& weight, std::array<double, 4>& slope) {
    const double v = 1.0 - u;
    weight = {v * v * v / 6.0, (4.0 - 6.0 * u * u + 3.0 * u * u * u) / 6.0, (4.0 - 6.0 * v * v + 3.0 * v * v * v) / 6.0,
              u * u * u / 6.0};
    slope = {-0.5 * v * v, 1.5 * u * u - 2.0 * u, 2.0 * v - 1.5 * v * v, 0.5 * u * u};
}

// The moving image at a place, and its gradient by voxel coordinates.
struct Sampler {
    const float* samples;
    std::array<int, 3> dims;
    std::size_t row, slice;

    bool operator()(const Vector3d& voxel, double& value, Vector3d& gradient) const {
        for (Eigen::Index a = 0; a < 3; ++a) {
            if (!(voxel[a] >= 0.0) || !(voxel[a] < dims[static_cast<std::size_t>(a)] - 1)) return false;
        }
        const auto i = static_cast<std::size_t>(voxel[0]);
        const auto j = static_cast<std::size_t>(voxel[1]);
        const auto k = static_cast<std::size_t>(voxel[2]);
        const float* p = samples + i + row * j + slice * k;
        const double x = voxel[0] - static_cast<double>(i);
        const double y = voxel[1] - static_cast<double>(j);
        const double z = voxel[2] - static_cast<double>(k);
        const std::array<double, 8> c = {p[0],     p[1],         p[row],         p[row + 1],
                                         p[slice], p[slice + 1], p[slice + row], p[slice + row + 1]};
        const double c00 = c[0] + x * (c[1] - c[0]);
        const double c10 = c[2] + x * (c[3] - c[2]);
        const double c01 = c[4] + x * (c[5] - c[4]);
        const double c11 = c[6] + x * (c[7] - c[6]);
        const double near = c00 + y * (c10 - c00);
        const double far = c01 + y * (c11 - c01);
        value = near + z * (far - near);
        gradient[0] =
            (1 - z) * ((1 - y) * (c[1] - c[0]) + y * (c[3] - c[2])) + z * ((1 - y) * (c[5] - c[4]) + y * (c[7] - c[6]));
        gradient[1] = (1 - z) * (c10 - c00) + z * (c11 - c01);
        gradient[2] = far - near;
        return true;
    }
};

Matrix3d rotation(const Vector3d& turn) {
    const double angle = turn.norm();
    if (angle < 1e-12) return Matrix3d::Identity();
    return Eigen::AngleAxisd(angle, turn / angle).toRotationMatrix();
}

// The numbers that are searched, each in mm of displacement at half a head's distance, and the map they stand for.
struct Parameters {
    Freedom freedom;
    Matrix3d base;  // rigid and similarity turn and scale this
    Vector3d base_shift;

    Eigen::Index count() const { return freedom == Freedom::rigid ? 6 : freedom == Freedom::similarity ? 7 : 12; }

    Matrix34 map(const Eigen::VectorXd& p) const {
        Matrix34 out;
        out.col(3) = base_shift + p.head<3>();
        if (freedom == Freedom::affine) {
            out.leftCols<3>() = base + Eigen::Map<const Matrix3d>(p.data() + 3) / kReachMm;
        } else {
            const double scale = freedom == Freedom::similarity ? std::exp(p[6] / kReachMm) : 1.0;
            out.leftCols<3>() = scale * rotation(p.segment<3>(3) / kReachMm) * base;
        }
        return out;
    }

    // By the chain rule; the few angles by central differences of the map, which is cheap and exact to 1e-9.
    Eigen::VectorXd gradient(const Eigen::VectorXd& p, const Matrix34& by_map) const {
        Eigen::VectorXd out(count());
        out.head<3>() = by_map.col(3);
        if (freedom == Freedom::affine) {
            Eigen::Map<Matrix3d>(out.data() + 3) = by_map.leftCols<3>() / kReachMm;
            return out;
        }
        constexpr double kDelta = 1e-3;
        for (Eigen::Index i = 3; i < count(); ++i) {
            Eigen::VectorXd ahead = p;
            Eigen::VectorXd behind = p;
            ahead[i] += kDelta;
            behind[i] -= kDelta;
            out[i] = (map(ahead) - map(behind)).cwiseProduct(by_map).sum() / (2.0 * kDelta);
        }
        return out;
    }
};

}  // namespace

std::vector<FixedSample> spread_samples(const Field& field, const WorkGrid& grid, const Mask& mask, double step_mm) {
    const double step = step_mm / grid.spacing_mm;
    std::array<int, 3> cells{};
    for (std::size_t a = 0; a < 3; ++a) cells[a] = static_cast<int>(std::floor((grid.dims[a] - 1) / step));
    std::vector<FixedSample> out;
    std::uint64_t cell = 0;
    for (int k = 0; k < cells[2]; ++k) {
        for (int j = 0; j < cells[1]; ++j) {
            for (int i = 0; i < cells[0]; ++i) {
                cell += 3;
                const Vector3d voxel((i + scatter(cell)) * step, (j + scatter(cell + 1)) * step,
                                     (k + scatter(cell + 2)) * step);
                const std::size_t nearest =
                    grid.index(static_cast<int>(std::lround(voxel[0])), static_cast<int>(std::lround(voxel[1])),
                               static_cast<int>(std::lround(voxel[2])));
                if (mask[nearest] == 0) continue;
                out.push_back({grid.first.xyz + grid.spacing_mm * voxel, sampled(field, grid, voxel)});
            }
        }
    }
    return out;
}

MutualInformation::MutualInformation(std::vector<FixedSample> fixed, Field moving, const WorkGrid& moving_grid)
    : fixed_(std::move(fixed)), moving_(std::move(moving)), moving_grid_(moving_grid) {
    Field values;
    values.reserve(fixed_.size());
    for (const auto& sample : fixed_) {
        values.push_back(sample.value);
        middle_ += sample.place / static_cast<double>(fixed_.size());
    }
    const BinScale fixed_scale = bin_scale(values, static_cast<float>(kBins) - 0.01F);
    fixed_bin_.reserve(fixed_.size());
    for (auto& sample : fixed_) {
        sample.place -= middle_;
        fixed_bin_.push_back(static_cast<unsigned char>(fixed_scale(sample.value)));
    }
    // The window reaches one bin below and two above: the scale leaves room for it.
    Field some;
    for (std::size_t i = 0; i < moving_.size(); i += 5) some.push_back(moving_[i]);
    const BinScale moving_scale = bin_scale(some, static_cast<float>(kBins) - 4.01F);
    for (float& value : moving_) value = 1.0F + moving_scale(value);
}

double MutualInformation::value(const Matrix34& moving_from_centred, Matrix34* gradient) const {
    using Histogram = std::array<double, static_cast<std::size_t>(kBins) * kBins>;
    const auto count = static_cast<int>(fixed_.size());
    const Sampler sampler{moving_.data(), moving_grid_.dims, static_cast<std::size_t>(moving_grid_.dims[0]),
                          moving_grid_.index(0, 0, 1)};
    Matrix34 voxel_from_centred = moving_from_centred;
    voxel_from_centred.col(3) -= moving_grid_.first.xyz;
    voxel_from_centred /= moving_grid_.spacing_mm;

    const auto each_sample_of = [&](int part, const auto& visit) {
        const int begin = static_cast<int>(static_cast<std::int64_t>(count) * part / kParts);
        const int end = static_cast<int>(static_cast<std::int64_t>(count) * (part + 1) / kParts);
        std::array<double, 4> weight{};
        std::array<double, 4> slope{};
        double value = 0.0;
        Vector3d by_voxel;
        for (int s = begin; s < end; ++s) {
            const auto& sample = fixed_[static_cast<std::size_t>(s)];
            const Vector3d voxel = voxel_from_centred.leftCols<3>() * sample.place + voxel_from_centred.col(3);
            if (!sampler(voxel, value, by_voxel)) continue;
            const int bin = static_cast<int>(value);
            spline_weights(value - bin, weight, slope);
            visit(static_cast<std::size_t>(fixed_bin_[static_cast<std::size_t>(s)]) * kBins +
                      static_cast<std::size_t>(bin - 1),
                  weight, slope, by_voxel, sample.place);
        }
    };

    std::vector<Histogram> parts(kParts);
    for_each_part(kParts, [&](int part) {
        Histogram& histogram = parts[static_cast<std::size_t>(part)];
        histogram.fill(0.0);
        each_sample_of(part, [&](std::size_t cell, const auto& weight, const auto&, const Vector3d&, const Vector3d&) {
            for (std::size_t w = 0; w < 4; ++w) histogram[cell + w] += weight[w];
        });
    });
    Histogram joint{};
    double total = 0.0;
    for (const Histogram& part : parts) {
        for (std::size_t i = 0; i < joint.size(); ++i) joint[i] += part[i];
    }
    for (const double cell : joint) total += cell;
    if (total < 0.2 * count || total <= 0.0) {
        if (gradient != nullptr) gradient->setZero();
        return -1.0;
    }
    std::array<double, kBins> fixed_share{};
    std::array<double, kBins> moving_share{};
    for (std::size_t f = 0; f < kBins; ++f) {
        for (std::size_t m = 0; m < kBins; ++m) {
            double& cell = joint[f * kBins + m];
            cell /= total;
            fixed_share[f] += cell;
            moving_share[m] += cell;
        }
    }
    double information = 0.0;
    Histogram log_ratio{};
    for (std::size_t f = 0; f < kBins; ++f) {
        for (std::size_t m = 0; m < kBins; ++m) {
            const double cell = joint[f * kBins + m];
            if (cell <= 1e-16) continue;
            information += cell * std::log(cell / (fixed_share[f] * moving_share[m]));
            log_ratio[f * kBins + m] = std::log(cell / moving_share[m]);
        }
    }
    if (gradient == nullptr) return information;

    std::vector<Matrix34> gradients(kParts, Matrix34::Zero());
    for_each_part(kParts, [&](int part) {
        Matrix34 sum = Matrix34::Zero();
        each_sample_of(part, [&](std::size_t cell, const auto&, const auto& slope, const Vector3d& by_voxel,
                                 const Vector3d& place) {
            double by_bin = 0.0;
            for (std::size_t w = 0; w < 4; ++w) by_bin += slope[w] * log_ratio[cell + w];
            const Vector3d by_place = by_bin * by_voxel;
            sum.leftCols<3>() += by_place * place.transpose();
            sum.col(3) += by_place;
        });
        gradients[static_cast<std::size_t>(part)] = sum;
    });
    gradient->setZero();
    for (const Matrix34& part : gradients) *gradient += part;
    *gradient /= total * moving_grid_.spacing_mm;
    return information;
}

Match best_match(const MutualInformation& information, const Eigen::Affine3d& start, Freedom freedom, int most_steps,
                 const Progress& progress) {
    const Parameters parameters{freedom, start.linear(), start * information.middle()};
    const Eigen::Index n = parameters.count();
    Eigen::VectorXd here = Eigen::VectorXd::Zero(n);
    Matrix34 by_map;
    Match out;
    const auto evaluate = [&](const Eigen::VectorXd& p, Eigen::VectorXd& gradient) {
        ++out.evaluations;
        const double value = information.value(parameters.map(p), &by_map);
        gradient = -parameters.gradient(p, by_map);
        return -value;  // minimised below
    };
    Eigen::VectorXd gradient;
    double cost = evaluate(here, gradient);
    Eigen::MatrixXd inverse_hessian = Eigen::MatrixXd::Identity(n, n);
    bool fresh = true;
    for (int step = 0; step < most_steps; ++step) {
        if (progress.stop.stop_requested()) throw Cancelled();
        Eigen::VectorXd move = -inverse_hessian * gradient;
        if (fresh || move.dot(gradient) >= 0.0) {
            inverse_hessian.setIdentity();
            const double steepness = gradient.norm();
            if (!(steepness > 0.0)) break;
            move = -0.5 * kLongestStepMm / steepness * gradient;
            inverse_hessian *= 0.5 * kLongestStepMm / steepness;
        }
        if (move.norm() > kLongestStepMm) move *= kLongestStepMm / move.norm();
        double share = 1.0;
        Eigen::VectorXd next_gradient;
        Eigen::VectorXd next;
        double next_cost = 0.0;
        bool better = false;
        while (share * move.norm() > kShortestStepMm) {
            next = here + share * move;
            next_cost = evaluate(next, next_gradient);
            if (next_cost <= cost + 1e-4 * share * move.dot(gradient)) {
                better = true;
                break;
            }
            share *= 0.4;
        }
        if (!better) {
            if (fresh) break;
            fresh = true;  // once more, straight downhill
            continue;
        }
        const Eigen::VectorXd s = next - here;
        const Eigen::VectorXd y = next_gradient - gradient;
        const double sy = s.dot(y);
        if (sy > 1e-12 * s.norm() * y.norm()) {
            if (fresh) inverse_hessian = Eigen::MatrixXd::Identity(n, n) * (sy / y.squaredNorm());
            const Eigen::MatrixXd left = Eigen::MatrixXd::Identity(n, n) - s * y.transpose() / sy;
            inverse_hessian = left * inverse_hessian * left.transpose() + s * s.transpose() / sy;
            fresh = false;
        } else {
            fresh = true;
        }
        const double gain = cost - next_cost;
        here = next;
        gradient = next_gradient;
        cost = next_cost;
        if (gain < 1e-7 && s.norm() < 0.02) break;
    }
    const Matrix34 map = parameters.map(here);
    out.moving_from_fixed.linear() = map.leftCols<3>();
    out.moving_from_fixed.translation() = map.col(3) - map.leftCols<3>() * information.middle();
    out.information = -cost;
    return out;
}

}  // namespace precentral
