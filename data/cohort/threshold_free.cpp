// SPDX-License-Identifier: Apache-2.0
#include "data/cohort/threshold_free.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "data/error.h"

namespace precentral::cohort {
namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

Neighbours from_pairs(int places, std::vector<std::pair<int, int>> pairs) {
    std::sort(pairs.begin(), pairs.end());
    pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
    Neighbours out;
    out.start.assign(at(places) + 1, 0);
    out.to.reserve(pairs.size());
    for (const auto& [from, to] : pairs) {
        ++out.start[at(from) + 1];
        out.to.push_back(to);
    }
    for (std::size_t i = 1; i < out.start.size(); ++i) out.start[i] += out.start[i - 1];
    return out;
}

double power(double x, double exponent) {
    if (exponent == 1.0) return x;
    if (exponent == 2.0) return x * x;
    return exponent == 0.5 ? std::sqrt(x) : std::pow(x, exponent);
}

// Floods from the highest place down; clusters are the sets joined so far.
class Flood {
public:
    Flood(std::span<const float> height, std::span<const double> size, const Neighbours& neighbours,
          const EnhancementPowers& powers, float sign, bool remember)
        : neighbours_(neighbours), powers_(powers), remember_(remember) {
        for (std::size_t i = 0; i < height.size(); ++i) {
            if (sign * height[i] > 0.0F) order_.emplace_back(sign * height[i], static_cast<int>(i));
        }
        std::sort(order_.begin(), order_.end(), [](const auto& a, const auto& b) {
            return a.first > b.first || (a.first == b.first && a.second < b.second);
        });
        root_.assign(height.size(), -1);
        cluster_.resize(height.size());
        for (const auto& [h, place] : order_) {
            // The integral of h^H up to h.
            const double level = power(h, powers_.height) * h / (powers_.height + 1.0);
            root_[at(place)] = place;
            cluster_[at(place)] = {size[at(place)], level, 0.0, 0.0};
            for (int e = neighbours_.start[at(place)]; e < neighbours_.start[at(place) + 1]; ++e) {
                const int other = neighbours_.to[at(e)];
                if (root_[at(other)] >= 0) join(place, other, level);
            }
        }
        for (const auto& [h, place] : order_) {
            if (find(place) == place) lower(place, 0.0);
        }
    }

    double largest() const {
        double out = 0.0;
        for (const auto& [h, place] : order_) {
            if (root_[at(place)] == place) out = std::max(out, cluster_[at(place)].best);
        }
        return out;
    }

    // Adds sign times the enhanced values to `out`; needs `remember`.
    void write(std::vector<double>& out, double sign) const {
        std::vector<double> value(root_.size(), 0.0);
        for (const auto& [h, place] : order_) {
            if (root_[at(place)] == place) value[at(place)] = cluster_[at(place)].gained;
        }
        for (auto join = joins_.rbegin(); join != joins_.rend(); ++join) {
            value[at(join->child)] = value[at(join->parent)] + join->ahead;
        }
        for (const auto& [h, place] : order_) out[at(place)] = sign * value[at(place)];
    }

private:
    struct Cluster {
        double extent = 0.0;
        double level = 0.0;   // integrated down to here
        double gained = 0.0;  // by the place that names the cluster
        double best = 0.0;    // by its best place
    };
    struct Join {
        int child = 0, parent = 0;
        double ahead = 0.0;  // of the parent's name, gained by the child's when they joined
    };

    int find(int place) {
        int root = place;
        while (root_[at(root)] != root) root = root_[at(root)];
        while (root_[at(place)] != root) place = std::exchange(root_[at(place)], root);
        return root;
    }
    void lower(int root, double level) {
        Cluster& c = cluster_[at(root)];
        const double gain = power(c.extent, powers_.extent) * (c.level - level);
        c.gained += gain;
        c.best += gain;
        c.level = level;
    }
    void join(int place, int other, double level) {
        int parent = find(place), child = find(other);
        if (parent == child) return;
        lower(parent, level);
        lower(child, level);
        if (cluster_[at(parent)].extent < cluster_[at(child)].extent) std::swap(parent, child);
        Cluster& p = cluster_[at(parent)];
        const Cluster& c = cluster_[at(child)];
        root_[at(child)] = parent;
        p.extent += c.extent;
        p.best = std::max(p.best, c.best);
        if (remember_) joins_.push_back({child, parent, c.gained - p.gained});
    }

    const Neighbours& neighbours_;
    EnhancementPowers powers_;
    bool remember_;
    std::vector<std::pair<float, int>> order_;
    std::vector<int> root_;
    std::vector<Cluster> cluster_;
    std::vector<Join> joins_;
};

}  // namespace

Neighbours neighbours_of(int places, std::span<const std::array<int, 3>> triangles) {
    std::vector<std::pair<int, int>> pairs;
    pairs.reserve(6 * triangles.size());
    for (const auto& t : triangles) {
        for (std::size_t i = 0; i < 3; ++i) {
            const int a = t[i], b = t[(i + 1) % 3];
            if (a < 0 || a >= places) throw InputError("A triangle names a vertex that the surface does not have.");
            if (a == b) continue;
            pairs.emplace_back(a, b);
            pairs.emplace_back(b, a);
        }
    }
    return from_pairs(places, std::move(pairs));
}

Neighbours neighbours_of(std::span<const std::array<int, 3>> cells) {
    std::map<std::array<int, 3>, int> number;
    for (const auto& cell : cells) number.emplace(cell, static_cast<int>(number.size()));
    std::vector<std::pair<int, int>> pairs;
    for (const auto& [cell, from] : number) {
        for (std::size_t axis = 0; axis < 3; ++axis) {
            auto next = cell;
            ++next[axis];
            const auto found = number.find(next);
            if (found == number.end()) continue;
            pairs.emplace_back(from, found->second);
            pairs.emplace_back(found->second, from);
        }
    }
    return from_pairs(static_cast<int>(cells.size()), std::move(pairs));
}

Neighbours among(const Neighbours& all, const std::vector<bool>& keep) {
    std::vector<int> number(keep.size(), -1);
    int kept = 0;
    for (std::size_t i = 0; i < keep.size(); ++i) {
        if (keep[i]) number[i] = kept++;
    }
    Neighbours out;
    for (std::size_t i = 0; i < keep.size(); ++i) {
        if (!keep[i]) continue;
        for (int e = all.start[i]; e < all.start[i + 1]; ++e) {
            const int to = number[at(all.to[at(e)])];
            if (to >= 0) out.to.push_back(to);
        }
        out.start.push_back(static_cast<int>(out.to.size()));
    }
    return out;
}

std::vector<double> enhanced(std::span<const float> height, std::span<const double> size, const Neighbours& neighbours,
                             const EnhancementPowers& powers) {
    std::vector<double> out(height.size(), 0.0);
    Flood(height, size, neighbours, powers, 1.0F, true).write(out, 1.0);
    Flood(height, size, neighbours, powers, -1.0F, true).write(out, -1.0);
    return out;
}

double largest_enhanced(std::span<const float> height, std::span<const double> size, const Neighbours& neighbours,
                        const EnhancementPowers& powers) {
    return std::max(Flood(height, size, neighbours, powers, 1.0F, false).largest(),
                    Flood(height, size, neighbours, powers, -1.0F, false).largest());
}

}  // namespace precentral::cohort
