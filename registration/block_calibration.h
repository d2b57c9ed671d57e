// SPDX-License-Identifier: Apache-2.0
// Calibration against a block of known geometry: a coil that lies in a block with its own marker body, or a pointer
// that touches the block's dimples.
#pragma once

#include <string>
#include <vector>

#include "data/frames.h"
#include "registration/coil_calibration.h"
#include "registration/point_fit.h"

namespace precentral {

struct Block {};  // frame of the calibration block, as its drawing states it

struct BlockCalibrationOptions {
    double seat_error_mm = 0.3;  // how well coil and block touch each other: play that no number of frames averages out
    double seat_error_deg = 0.3;
    CoilCalibrationOptions limits;
};

// The coil lies in the block's seat (block_from_coil, from the drawing); both bodies are seen together in many frames.
// coil_body_from_coil = mean(coil_body_from_block) block_from_coil, the rotation the chordal mean; frames beyond four
// times the median deviation are left out. `residual_mm` and `left_out_mm` are of the frames, at the coil's centre.
// Throws InputError for fewer than 5 frames or a pose that is not finite. Pure; any thread.
CoilCalibration calibrate_coil_in_block(const std::vector<Transform<CoilBody, Block>>& seen,
                                        const Transform<Block, Coil>& block_from_coil,
                                        const BlockCalibrationOptions& options = {});

struct TipOnBlock {
    Point<Stylus> tip;
    Transform<Head, Block> reference_from_block;  // the block's body stands in for the head's
    std::vector<double> residual_mm;              // one a touch
    double rms_mm = 0.0;
    double tip_error_mm = 0.0;  // expected rms error
    Verdict verdict = Verdict::poor;
    std::vector<std::string> reasons;
};

// Touch of one of the block's dimples: its place on the block, and the pointer's pose then.
struct BlockTouch {
    Point<Block> dimple;
    Transform<Head, Stylus> reference_from_stylus;
};

// Tip and block together: minimise sum |R_i tip + t_i - (R b_i + t)|^2, Gauss-Newton from `tip_guess`. Needs touches
// with the pointer turned differently, else tip and block cannot be told apart (InputError). Pure; any thread.
TipOnBlock calibrate_tip_on_block(const std::vector<BlockTouch>& touches, const Point<Stylus>& tip_guess);

}  // namespace precentral
