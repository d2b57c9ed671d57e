// SPDX-License-Identifier: Apache-2.0
// Threshold-free cluster enhancement: a place counts for more where its neighbours agree.
//
// The integral of extent^E height^H over all heights below a place's own (Smith & Nichols, NeuroImage 2009;44:83,
// doi:10.1016/j.neuroimage.2008.03.061), taken exactly from one height of the data to the next instead of in steps.
#pragma once

#include <array>
#include <span>
#include <vector>

namespace precentral::cohort {

// Which places touch: those of place i are to[start[i]] … to[start[i + 1] - 1].
struct Neighbours {
    std::vector<int> start{0};
    std::vector<int> to;
    int places() const { return static_cast<int>(start.size()) - 1; }
};

// The corners of triangles touch. Throws InputError when a corner is not one of the places.
Neighbours neighbours_of(int places, std::span<const std::array<int, 3>> triangles);
// Places of a grid that share a face; `cells` are their integer coordinates, each once.
Neighbours neighbours_of(std::span<const std::array<int, 3>> cells);
// Only the places where `keep` is true, numbered anew in their order.
Neighbours among(const Neighbours& all, const std::vector<bool>& keep);

struct EnhancementPowers {
    double extent = 1.0;  // for surfaces; 0.5 for volumes
    double height = 2.0;
};

// `size` of each place (area or volume). Heights above 0 and below 0 are enhanced apart; the result carries their sign.
// The lengths are those of the neighbours.
std::vector<double> enhanced(std::span<const float> height, std::span<const double> size, const Neighbours& neighbours,
                             const EnhancementPowers& powers);
// The largest size of enhanced(); faster.
double largest_enhanced(std::span<const float> height, std::span<const double> size, const Neighbours& neighbours,
                        const EnhancementPowers& powers);

}  // namespace precentral::cohort
