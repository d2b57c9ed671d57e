// SPDX-License-Identifier: Apache-2.0
// Real numeric matrices out of a MATLAB level 5 file (MathWorks, "MAT-File Format").
#pragma once

#include <string>
#include <vector>

namespace precentral {

struct MatlabMatrix {
    std::string name;
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::vector<double> values;  // column by column
};

// What is not a two-dimensional real numeric matrix is left out. Throws InputError naming the file when it is no
// level 5 file or is damaged.
std::vector<MatlabMatrix> read_matlab_matrices(const std::string& path);

}  // namespace precentral
