// SPDX-License-Identifier: Apache-2.0
#include "synthetic_patient.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "imaging/voxel_ops.h"

namespace precentral {
namespace {

using Eigen::Vector3d;
using Eigen::Vector3f;
using Eigen::Vector3i;

// One smooth random field: noise on a 3 mm grid, smoothed, brought to the rms 1 in the middle half.
Field smooth_noise(const WorkGrid& grid, double sigma_mm, std::mt19937_64& random) {
    std::normal_distribution<float> normal;
    Field out(grid.count());
    for (float& value : out) value = normal(random);
    smooth(out, grid.dims, sigma_mm / grid.spacing_mm);
    // The border's values continue outside, which makes smooth noise louder there.
    double sum = 0.0;
    double count = 0.0;
    for (int k = grid.dims[2] / 4; k < 3 * grid.dims[2] / 4; ++k) {
        for (int j = grid.dims[1] / 4; j < 3 * grid.dims[1] / 4; ++j) {
            for (int i = grid.dims[0] / 4; i < 3 * grid.dims[0] / 4; ++i) {
                sum += std::pow(static_cast<double>(out[grid.index(i, j, k)]), 2);
                count += 1.0;
            }
        }
    }
    const auto scale = static_cast<float>(1.0 / std::sqrt(sum / count));
    for (float& value : out) value *= scale;
    return out;
}

float trilinear(const Volume& volume, const Vector3d& place) {
    const Vector3d voxel = (volume.scan_from_voxel.inverse() * Point<Scan>{place}).xyz;
    WorkGrid as_grid;
    as_grid.dims = volume.dims;
    return sampled(*volume.samples, as_grid, voxel);
}

}  // namespace

SyntheticPatient synthetic_patient(const Template& from, std::uint64_t seed, const SyntheticSpread& spread) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> uniform(-1.0, 1.0);
    SyntheticPatient out;

    Eigen::Affine3d map = Eigen::Affine3d::Identity();
    const Vector3d axis = Vector3d(normal(random), normal(random), normal(random)).normalized();
    map.linear() =
        Eigen::AngleAxisd(spread.turn_deg * uniform(random) * 3.14159265358979 / 180.0, axis).matrix() *
        (Vector3d::Ones() + spread.stretch * Vector3d(uniform(random), uniform(random), uniform(random))).asDiagonal();
    map.translation() = spread.shift_mm * Vector3d(uniform(random), uniform(random), uniform(random));
    out.mni_from_bent = map;

    // The template's box, grown, in the patient's own space.
    out.t1.dims = {200, 236, 196};
    Eigen::Affine3d scan_from_voxel = Eigen::Affine3d::Identity();
    const Vector3d middle = map.inverse() * Vector3d(0.0, -17.0, 18.0);
    scan_from_voxel.translation() = middle - 0.5 * Vector3d(199, 235, 195);
    out.t1.scan_from_voxel = AffineMap<Scan, Voxel>(scan_from_voxel);
    const std::size_t count = out.t1.count();

    WorkGrid coarse;
    coarse.spacing_mm = 3.0;
    coarse.first.xyz = scan_from_voxel.translation();
    coarse.dims = {68, 80, 67};
    std::array<Field, 3> bend;
    for (auto& component : bend) {
        const Field wide = smooth_noise(coarse, 22.0, random);
        const Field tight = smooth_noise(coarse, 9.0, random);
        component.resize(wide.size());
        const double each = 1.0 / std::sqrt(3.0);  // the rms asked for is of the vector
        for (std::size_t i = 0; i < wide.size(); ++i) {
            component[i] = static_cast<float>(each * spread.wide_bend_mm) * wide[i] +
                           static_cast<float>(each * spread.tight_bend_mm) * tight[i];
        }
    }
    const Field shade = smooth_noise(coarse, 35.0, random);
    const double gamma = std::exp(0.25 * uniform(random));
    const float brightest = *std::max_element(from.t1.samples->begin(), from.t1.samples->end());

    WorkGrid fine;
    fine.first = coarse.first;
    fine.dims = out.t1.dims;
    std::array<Field, 3> fine_bend;
    for (std::size_t a = 0; a < 3; ++a) fine_bend[a] = resampled(bend[a], coarse, fine);
    const Field fine_shade = resampled(shade, coarse, fine);

    std::vector<float> samples(count);
    out.brain.assign(count, 0);
    out.mni.resize(count);
    out.bend.resize(count);
    Volume brain = from.t1;
    brain.samples = std::make_shared<const std::vector<float>>(from.brain.begin(), from.brain.end());
    std::normal_distribution<float> gauss;
    const float noise = static_cast<float>(spread.noise) * brightest;
    std::size_t at = 0;
    for (int k = 0; k < fine.dims[2]; ++k) {
        for (int j = 0; j < fine.dims[1]; ++j) {
            for (int i = 0; i < fine.dims[0]; ++i, ++at) {
                out.bend[at] = {fine_bend[0][at], fine_bend[1][at], fine_bend[2][at]};
                const Vector3d mni = map * (fine.place(i, j, k).xyz + out.bend[at].cast<double>());
                out.mni[at] = mni.cast<float>();
                const float share = std::max(0.0F, trilinear(from.t1, mni)) / brightest;
                const float bright = brightest * static_cast<float>(std::pow(static_cast<double>(share), gamma)) *
                                     (1.0F + static_cast<float>(spread.shading) * 0.6F * fine_shade[at]);
                samples[at] = std::hypot(bright + noise * gauss(random), noise * gauss(random));
                out.brain[at] = trilinear(brain, mni) > 0.5F ? 1 : 0;
            }
        }
    }
    out.t1.samples = std::make_shared<const std::vector<float>>(std::move(samples));
    return out;
}

Point<Scan> SyntheticPatient::scan_from_mni(const Point<Mni>& point) const {
    const Eigen::Affine3d voxel_from_scan = t1.scan_from_voxel.affine().inverse();
    WorkGrid grid;
    grid.dims = t1.dims;
    const Vector3d aim = mni_from_bent.inverse() * point.xyz;
    Vector3d place = aim;
    for (int round = 0; round < 60; ++round) {
        const Vector3d voxel = voxel_from_scan * place;
        const Vector3i low = voxel.array().floor().cast<int>();
        Vector3d sum = Vector3d::Zero();
        for (int corner = 0; corner < 8; ++corner) {
            Vector3i c = low + Vector3i(corner & 1, (corner >> 1) & 1, corner >> 2);
            c = c.cwiseMax(0).cwiseMin(Vector3i(t1.dims[0] - 1, t1.dims[1] - 1, t1.dims[2] - 1));
            double w = 1.0;
            for (int a = 0; a < 3; ++a) {
                const double f = voxel[a] - low[a];
                w *= ((corner >> a) & 1) != 0 ? f : 1.0 - f;
            }
            sum += w * bend[grid.index(c[0], c[1], c[2])].cast<double>();
        }
        place = aim - sum;
    }
    return {place};
}

std::vector<int> true_labels(const SyntheticPatient& patient, const Volume& labels) {
    const Eigen::Affine3d voxel_from_mni = labels.scan_from_voxel.affine().inverse();
    std::vector<int> out(patient.mni.size(), 0);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const Vector3d voxel = voxel_from_mni * patient.mni[i].cast<double>();
        const Eigen::Array3i n = voxel.array().round().cast<int>();
        if ((n < 0).any() || n[0] >= labels.dims[0] || n[1] >= labels.dims[1] || n[2] >= labels.dims[2]) continue;
        out[i] = static_cast<int>(labels.at(n[0], n[1], n[2]));
    }
    return out;
}

double dice(const Mask& a, const Mask& b) {
    double both = 0.0;
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        both += a[i] != 0 && b[i] != 0 ? 1.0 : 0.0;
        sum += (a[i] != 0 ? 1.0 : 0.0) + (b[i] != 0 ? 1.0 : 0.0);
    }
    return sum > 0.0 ? 2.0 * both / sum : 1.0;
}

}  // namespace precentral
