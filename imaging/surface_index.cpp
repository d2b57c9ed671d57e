// SPDX-License-Identifier: Apache-2.0
// A tree of boxes over the triangles. Answers are exact (double precision, no search radius to tune) and nothing is
// changed by a question, so any thread may ask.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "data/error.h"
#include "imaging/mesh_measures.h"
#include "imaging/surface.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

constexpr int kTrianglesPerLeaf = 4;
constexpr int kStackDepth = 96;  // a median split halves: 2^60 triangles need 60 levels

std::size_t at(int i) { return static_cast<std::size_t>(i); }

// The part of a triangle that is closest to a point: its inside, one of its edges (edge e runs from corner e to the
// next), or a corner.
enum class Feature { inside, edge, corner };

struct ClosestOnTriangle {
    Vector3d point;
    Vector3d weights;  // barycentric
    Feature feature = Feature::inside;
    int which = 0;
};

// Ericson, Real-Time Collision Detection (2005), section 5.1.5: tests the corner, edge and face regions in turn.
ClosestOnTriangle closest_on_triangle(const Vector3d& p, const Vector3d& a, const Vector3d& b, const Vector3d& c) {
    const Vector3d ab = b - a;
    const Vector3d ac = c - a;
    const Vector3d ap = p - a;
    const double d1 = ab.dot(ap);
    const double d2 = ac.dot(ap);
    if (d1 <= 0.0 && d2 <= 0.0) return {a, {1, 0, 0}, Feature::corner, 0};
    const Vector3d bp = p - b;
    const double d3 = ab.dot(bp);
    const double d4 = ac.dot(bp);
    if (d3 >= 0.0 && d4 <= d3) return {b, {0, 1, 0}, Feature::corner, 1};
    const double vc = d1 * d4 - d3 * d2;
    if (vc <= 0.0 && d1 >= 0.0 && d3 <= 0.0 && d1 > d3) {
        const double v = d1 / (d1 - d3);
        return {a + v * ab, {1 - v, v, 0}, Feature::edge, 0};
    }
    const Vector3d cp = p - c;
    const double d5 = ab.dot(cp);
    const double d6 = ac.dot(cp);
    if (d6 >= 0.0 && d5 <= d6) return {c, {0, 0, 1}, Feature::corner, 2};
    const double vb = d5 * d2 - d1 * d6;
    if (vb <= 0.0 && d2 >= 0.0 && d6 <= 0.0 && d2 > d6) {
        const double w = d2 / (d2 - d6);
        return {a + w * ac, {1 - w, 0, w}, Feature::edge, 2};
    }
    const double va = d3 * d6 - d5 * d4;
    if (va <= 0.0 && d4 - d3 >= 0.0 && d5 - d6 >= 0.0 && (d4 - d3) + (d5 - d6) > 0.0) {
        const double w = (d4 - d3) / ((d4 - d3) + (d5 - d6));
        return {b + w * (c - b), {0, 1 - w, w}, Feature::edge, 1};
    }
    const double sum = va + vb + vc;
    if (!(sum > 0.0)) return {a, {1, 0, 0}, Feature::corner, 0};  // no area
    const double v = vb / sum;
    const double w = vc / sum;
    return {a + v * ab + w * ac, {1 - v - w, v, w}, Feature::inside, 0};
}

struct Box {
    Vector3d low = Vector3d::Constant(std::numeric_limits<double>::infinity());
    Vector3d high = Vector3d::Constant(-std::numeric_limits<double>::infinity());
    void add(const Vector3d& p) {
        low = low.cwiseMin(p);
        high = high.cwiseMax(p);
    }
    double squared_distance(const Vector3d& p) const {
        return (low - p).cwiseMax(p - high).cwiseMax(0.0).squaredNorm();
    }
    // Whether origin + s * direction, s in [0, length], meets the box; infinite inverse components are fine.
    bool meets(const Vector3d& origin, const Vector3d& inverse_direction, double length) const {
        double near = 0.0;
        double far = length;
        for (int axis = 0; axis < 3; ++axis) {
            double t0 = (low[axis] - origin[axis]) * inverse_direction[axis];
            double t1 = (high[axis] - origin[axis]) * inverse_direction[axis];
            if (std::isnan(t0) || std::isnan(t1)) continue;  // in the plane of a slab: it does not decide
            if (t0 > t1) std::swap(t0, t1);
            near = std::max(near, t0);
            far = std::min(far, t1 * (1.0 + 1e-12));
        }
        return near <= far;
    }
};

// A leaf holds `count` triangles from `first` in the order; an inner node's children are at `first` and `first + 1`.
struct Node {
    Box box;
    int first = 0;
    int count = 0;
};

}  // namespace

struct SurfaceIndex::Impl {
    Surface surface;
    std::vector<Node> nodes;
    std::vector<int> order;
    std::vector<Vector3d> face_normals;                 // unit; zero for a triangle without area
    std::vector<std::array<Vector3d, 3>> edge_normals;  // sum of the two faces at each edge of each triangle
    std::vector<Vector3d> corner_normals;               // angle weighted, for the sign of a distance

    const Vector3d& corner(int triangle, std::size_t c) const {
        return surface.vertices[at(surface.triangles[at(triangle)][c])].xyz;
    }

    void build();
    void measure_normals();
    SurfacePoint hit(int triangle, const Vector3d& point, const Vector3d& weights) const;
};

void SurfaceIndex::Impl::measure_normals() {
    face_normals.resize(surface.triangles.size());
    edge_normals.resize(surface.triangles.size());
    std::unordered_map<std::uint64_t, Vector3d> by_edge;
    by_edge.reserve(surface.triangles.size() * 2);
    const auto key = [](int a, int b) {
        return (static_cast<std::uint64_t>(std::min(a, b)) << 32) | static_cast<std::uint64_t>(std::max(a, b));
    };
    for (int i = 0; i < static_cast<int>(surface.triangles.size()); ++i) {
        const Vector3d face = (corner(i, 1) - corner(i, 0)).cross(corner(i, 2) - corner(i, 0));
        const double length = face.norm();
        face_normals[at(i)] = length > 0.0 ? Vector3d(face / length) : Vector3d::Zero();
        for (std::size_t e = 0; e < 3; ++e) {
            const auto& t = surface.triangles[at(i)];
            by_edge.try_emplace(key(t[e], t[(e + 1) % 3]), Vector3d::Zero()).first->second += face_normals[at(i)];
        }
    }
    for (std::size_t i = 0; i < surface.triangles.size(); ++i) {
        const auto& t = surface.triangles[i];
        for (std::size_t e = 0; e < 3; ++e) edge_normals[i][e] = by_edge[key(t[e], t[(e + 1) % 3])];
    }
    const auto corners = vertex_normals(surface.vertices, surface.triangles);
    corner_normals.reserve(corners.size());
    for (const auto& normal : corners) corner_normals.push_back(normal.xyz);
    if (surface.normals.size() != surface.vertices.size()) surface.normals = corners;
}

void SurfaceIndex::Impl::build() {
    const int count = static_cast<int>(surface.triangles.size());
    std::vector<Box> boxes(at(count));
    std::vector<Vector3d> centres(at(count));
    for (int i = 0; i < count; ++i) {
        for (std::size_t c = 0; c < 3; ++c) boxes[at(i)].add(corner(i, c));
        centres[at(i)] = 0.5 * (boxes[at(i)].low + boxes[at(i)].high);
    }
    order.resize(at(count));
    std::iota(order.begin(), order.end(), 0);
    struct Range {
        int node, first, count;
    };
    nodes.reserve(at(count));
    nodes.emplace_back();
    std::vector<Range> todo{{0, 0, count}};
    while (!todo.empty()) {
        const Range range = todo.back();
        todo.pop_back();
        Box box;
        Box centre_box;
        for (int i = range.first; i < range.first + range.count; ++i) {
            box.add(boxes[at(order[at(i)])].low);
            box.add(boxes[at(order[at(i)])].high);
            centre_box.add(centres[at(order[at(i)])]);
        }
        nodes[at(range.node)].box = box;
        if (range.count <= kTrianglesPerLeaf) {
            nodes[at(range.node)].first = range.first;
            nodes[at(range.node)].count = range.count;
            continue;
        }
        int axis = 0;
        (centre_box.high - centre_box.low).maxCoeff(&axis);
        const int half = range.count / 2;
        std::nth_element(order.begin() + range.first, order.begin() + range.first + half,
                         order.begin() + range.first + range.count, [&](int a, int b) {
                             const double x = centres[at(a)][axis];
                             const double y = centres[at(b)][axis];
                             return x < y || (x == y && a < b);
                         });
        const int child = static_cast<int>(nodes.size());
        nodes[at(range.node)].first = child;
        nodes.emplace_back();
        nodes.emplace_back();
        todo.push_back({child, range.first, half});
        todo.push_back({child + 1, range.first + half, range.count - half});
    }
}

SurfacePoint SurfaceIndex::Impl::hit(int triangle, const Vector3d& point, const Vector3d& weights) const {
    const auto& t = surface.triangles[at(triangle)];
    Vector3d normal = Vector3d::Zero();
    for (std::size_t c = 0; c < 3; ++c) {
        normal += weights[static_cast<Eigen::Index>(c)] * surface.normals[at(t[c])].xyz;
    }
    const double length = normal.norm();
    SurfacePoint out;
    out.point.xyz = point;
    out.normal.xyz = length > 1e-9 ? Vector3d(normal / length) : corner_normals[at(t[0])];
    out.triangle = triangle;
    return out;
}

SurfaceIndex::SurfaceIndex(Surface surface) : impl_(std::make_unique<Impl>()) {
    require_usable(surface, "memory");
    impl_->surface = std::move(surface);
    impl_->measure_normals();
    impl_->build();
}

SurfaceIndex::~SurfaceIndex() = default;
SurfaceIndex::SurfaceIndex(SurfaceIndex&&) noexcept = default;
SurfaceIndex& SurfaceIndex::operator=(SurfaceIndex&&) noexcept = default;

const Surface& SurfaceIndex::surface() const { return impl_->surface; }

SurfacePoint SurfaceIndex::closest(const Point<Scan>& p) const {
    const Impl& impl = *impl_;
    double best = std::numeric_limits<double>::infinity();
    int best_triangle = -1;
    ClosestOnTriangle best_place{};
    std::array<std::pair<double, int>, kStackDepth> stack;
    std::size_t top = 0;
    stack[top++] = {impl.nodes[0].box.squared_distance(p.xyz), 0};
    while (top > 0) {
        const auto [node_distance, node_id] = stack[--top];
        if (node_distance > best) continue;
        const Node& node = impl.nodes[at(node_id)];
        if (node.count > 0) {
            for (int i = node.first; i < node.first + node.count; ++i) {
                const int triangle = impl.order[at(i)];
                const auto place = closest_on_triangle(p.xyz, impl.corner(triangle, 0), impl.corner(triangle, 1),
                                                       impl.corner(triangle, 2));
                const double squared = (place.point - p.xyz).squaredNorm();
                if (squared < best || (squared == best && triangle < best_triangle)) {
                    best = squared;
                    best_triangle = triangle;
                    best_place = place;
                }
            }
            continue;
        }
        const double left = impl.nodes[at(node.first)].box.squared_distance(p.xyz);
        const double right = impl.nodes[at(node.first + 1)].box.squared_distance(p.xyz);
        // The nearer child is searched first.
        if (left < right) {
            stack[top++] = {right, node.first + 1};
            stack[top++] = {left, node.first};
        } else {
            stack[top++] = {left, node.first};
            stack[top++] = {right, node.first + 1};
        }
    }
    if (best_triangle < 0) throw InputError("A point asked of a surface has a coordinate that is not a number.");
    SurfacePoint out = impl.hit(best_triangle, best_place.point, best_place.weights);
    // The sign by the normal of the feature that is closest: right at sharp edges too (Bærentzen and Aanæs 2005,
    // doi 10.1109/TVCG.2005.49).
    const auto which = static_cast<std::size_t>(best_place.which);
    const Vector3d& sign_normal = best_place.feature == Feature::inside ? impl.face_normals[at(best_triangle)]
                                  : best_place.feature == Feature::edge
                                      ? impl.edge_normals[at(best_triangle)][which]
                                      : impl.corner_normals[at(impl.surface.triangles[at(best_triangle)][which])];
    out.distance_mm = std::sqrt(best) * ((p.xyz - best_place.point).dot(sign_normal) < 0.0 ? -1.0 : 1.0);
    return out;
}

std::optional<SurfacePoint> SurfaceIndex::first_hit(const Point<Scan>& origin, const Direction<Scan>& direction,
                                                    double length_mm) const {
    const Impl& impl = *impl_;
    // The barycentric slack closes the seam between two triangles that share an edge.
    constexpr double kSeam = 1e-9;
    const Vector3d inverse = direction.xyz.cwiseInverse();
    double best = length_mm;
    int best_triangle = -1;
    Vector3d best_weights = Vector3d::Zero();
    std::array<int, kStackDepth> stack;
    std::size_t top = 0;
    stack[top++] = 0;
    while (top > 0) {
        const Node& node = impl.nodes[at(stack[--top])];
        if (!node.box.meets(origin.xyz, inverse, best)) continue;
        if (node.count == 0) {
            stack[top++] = node.first;
            stack[top++] = node.first + 1;
            continue;
        }
        for (int i = node.first; i < node.first + node.count; ++i) {
            // Möller and Trumbore 1997, doi 10.1080/10867651.1997.10487468.
            const int triangle = impl.order[at(i)];
            const Vector3d& a = impl.corner(triangle, 0);
            const Vector3d ab = impl.corner(triangle, 1) - a;
            const Vector3d ac = impl.corner(triangle, 2) - a;
            const Vector3d q = direction.xyz.cross(ac);
            const double determinant = ab.dot(q);
            if (std::abs(determinant) < 1e-14) continue;  // along the plane, or no area
            const Vector3d s = origin.xyz - a;
            const double v = s.dot(q) / determinant;
            if (v < -kSeam || v > 1.0 + kSeam) continue;
            const Vector3d r = s.cross(ab);
            const double w = direction.xyz.dot(r) / determinant;
            if (w < -kSeam || v + w > 1.0 + kSeam) continue;
            const double along = ac.dot(r) / determinant;
            if (along < 0.0 || along > best) continue;
            if (along == best && best_triangle >= 0 && triangle > best_triangle) continue;
            best = along;
            best_triangle = triangle;
            best_weights = {1.0 - v - w, v, w};
        }
    }
    if (best_triangle < 0) return std::nullopt;
    SurfacePoint out = impl.hit(best_triangle, origin.xyz + best * direction.xyz, best_weights);
    out.distance_mm = best;
    return out;
}

Direction<Scan> SurfaceIndex::patch_normal(const Point<Scan>& p, double radius_mm) const {
    const Impl& impl = *impl_;
    const double squared_radius = radius_mm * radius_mm;
    Vector3d sum = Vector3d::Zero();
    std::array<int, kStackDepth> stack;
    std::size_t top = 0;
    stack[top++] = 0;
    while (top > 0) {
        const Node& node = impl.nodes[at(stack[--top])];
        if (node.box.squared_distance(p.xyz) > squared_radius) continue;
        if (node.count == 0) {
            stack[top++] = node.first;
            stack[top++] = node.first + 1;
            continue;
        }
        for (int i = node.first; i < node.first + node.count; ++i) {
            const int triangle = impl.order[at(i)];
            const Vector3d& a = impl.corner(triangle, 0);
            const Vector3d& b = impl.corner(triangle, 1);
            const Vector3d& c = impl.corner(triangle, 2);
            // A triangle counts as a whole by its middle: triangles are small against the patch.
            if (((a + b + c) / 3.0 - p.xyz).squaredNorm() > squared_radius) continue;
            sum += 0.5 * (b - a).cross(c - a);
        }
    }
    const double length = sum.norm();
    if (!(length > 1e-9)) return closest(p).normal;  // nothing within reach, or a patch that cancels itself out
    return {sum / length};
}

}  // namespace precentral
