// SPDX-License-Identifier: Apache-2.0
#include "imaging/landmarks.h"

#include <array>
#include <string>

#include "data/error.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

struct TemplatePlace {
    const char* name;
    Vector3d mni;
    const char* source;
};

constexpr const char* kFiducialSource =
    "head surface of the Colin27 template (ASA 10-20 positions of MNE-Python), carried over by the affine map and "
    "moved to "
    "the nearest scalp";
constexpr const char* kHandSource =
    "mean motor hotspot of the hand in template space (probability map of the hand motor hotspot, 50 % contour; right "
    "side "
    "mirrored), carried over by the affine map; confirm by mapping";
constexpr const char* kFaceSource =
    "approximate face area of M1 in template space, carried over by the affine map; confirm by mapping";
constexpr const char* kLegSource =
    "approximate leg area of M1 in template space, carried over by the affine map; confirm by mapping";

}  // namespace

std::vector<Landmark> propose_fiducials(const AffineMap<Mni, Scan>& mni_from_scan, const SurfaceIndex& scalp) {
    const std::array<TemplatePlace, 3> places = {{
        {"nasion", {0.0083, 86.8110, -39.9830}, kFiducialSource},
        {"left preauricular", {-86.0761, -19.9897, -47.9860}, kFiducialSource},
        {"right preauricular", {85.7939, -20.0093, -48.0310}, kFiducialSource},
    }};
    const auto scan_from_mni = mni_from_scan.inverse();
    std::vector<Landmark> out;
    for (const auto& place : places) {
        const SurfacePoint on_scalp = scalp.closest(scan_from_mni * Point<Mni>{place.mni});
        out.push_back({place.name, on_scalp.point, place.source});
    }
    return out;
}

std::vector<Landmark> propose_motor(const AffineMap<Mni, Scan>& mni_from_scan, const SurfaceIndex& brain,
                                    const SurfaceIndex& hull) {
    const std::array<TemplatePlace, 3> left_places = {{
        {"hand", {-38.6, -15.4, 62.0}, kHandSource},
        {"face", {-56.0, -7.0, 34.0}, kFaceSource},
        {"leg", {-8.0, -32.0, 69.0}, kLegSource},
    }};
    const auto scan_from_mni = mni_from_scan.inverse();
    std::vector<Landmark> out;
    for (const auto& place : left_places) {
        for (const double side : {1.0, -1.0}) {
            const Point<Mni> mni{{side * place.mni[0], place.mni[1], place.mni[2]}};
            const SurfacePoint on_brain = brain.closest(hull.closest(scan_from_mni * mni).point);
            out.push_back(
                {std::string(place.name) + (side > 0.0 ? ", left M1" : ", right M1"), on_brain.point, place.source});
        }
    }
    return out;
}

const Landmark& landmark_named(const std::vector<Landmark>& landmarks, const std::string& name) {
    for (const auto& landmark : landmarks) {
        if (landmark.name == name) return landmark;
    }
    throw InputError("This head has no landmark called \"" + name + "\".");
}

}  // namespace precentral
