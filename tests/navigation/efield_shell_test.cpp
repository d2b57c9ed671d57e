// SPDX-License-Identifier: Apache-2.0
// Boundary elements: against the closed form in a sphere, against another method in an ellipsoid, compressed against
// uncompressed, kept against made.
#include <gtest/gtest.h>
#include <unistd.h>

#include <Eigen/QR>
#include <complex>
#include <fstream>
#include <thread>

#include "data/error.h"
#include "efield_fixtures.h"
#include "navigation/efield/cortical_field.h"
#include "navigation/efield/field_summary.h"
#include "navigation/efield/placed_coil.h"
#include "navigation/efield/shell_modes.h"
#include "navigation/efield/windings.h"

namespace precentral {
namespace {

using Eigen::MatrixXd;
using Eigen::Vector3d;

CoilModel coil() {
    static const CoilModel made = coil_within(figure_of_eight_70());
    return made;
}

// Relative error over points, root of summed squares.
double difference(const Eigen::Matrix3Xd& got, const Eigen::Matrix3Xd& wanted) {
    return (got - wanted).norm() / wanted.norm();
}

TEST(ChargedTriangle, ClosedFormIsTheIntegral) {
    SeededRandom random = random_stream(1, 0);
    for (int i = 0; i < 12; ++i) {
        const ChargedTriangle triangle(8.0 * any_direction(random), 8.0 * any_direction(random),
                                       8.0 * any_direction(random));
        const Vector3d at = triangle.middle() + draw_uniform(random, 3.0, 40.0) * any_direction(random);
        Eigen::Matrix3d sum = Eigen::Matrix3d::Zero();
        constexpr int n = 150;
        const auto add = [&](double b1, double b2) {
            const Vector3d d = at - triangle.point(1.0 - b1 - b2, b1, b2);
            const Vector3d part = triangle.area() / (n * n) / std::pow(d.norm(), 3) * d;
            sum.col(0) += (1.0 - b1 - b2) * part;
            sum.col(1) += b1 * part;
            sum.col(2) += b2 * part;
        };
        for (int a = 0; a < n; ++a) {
            for (int b = 0; b < n - a; ++b) {
                add((a + 1.0 / 3) / n, (b + 1.0 / 3) / n);
                if (a + b + 2 <= n) add((a + 2.0 / 3) / n, (b + 2.0 / 3) / n);
            }
        }
        const double heights = std::abs((at - triangle.middle()).dot(triangle.normal()));
        const double tolerance = heights > 1.0 ? 1e-3 : 2e-2;
        EXPECT_LE((triangle.field_in_closed_form(at) - sum).norm(), tolerance * sum.norm());
        EXPECT_LE((triangle.field(at) - triangle.field_in_closed_form(at)).norm(), 1e-4 * sum.norm());
    }
}

// −∂A/∂t of the coil corrected by the charges, with nothing of the closed form in it.
double error_in_a_sphere(int triangles, double radius_mm) {
    const ShellSolver solver(ellipsoid(triangles, Vector3d::Constant(80.0)));
    const Vector3d up = Vector3d(0.2, -0.3, 0.9).normalized();
    const auto dipoles = placed(coil(), on_ball(up, 90.0, 0.6), {Vector3d::Zero()});
    const ShellPlaces& places = solver.places();
    MatrixXd through(static_cast<Eigen::Index>(places.at_mm.size()), 1);
    for (std::size_t i = 0; i < places.at_mm.size(); ++i) {
        through(static_cast<Eigen::Index>(i), 0) = places.normals[i].dot(vacuum_field(dipoles, 1e-3 * places.at_mm[i]));
    }
    const MatrixXd charges = solver.charges(places.weighted(through));
    double off = 0.0;
    double all = 0.0;
    for (const auto& p : cap(up, radius_mm, 300)) {
        const Vector3d exact = sphere_field(dipoles, 1e-3 * p.xyz);
        off += (vacuum_field(dipoles, 1e-3 * p.xyz) + solver.field_by_charge(p.xyz) * charges.col(0) - exact)
                   .squaredNorm();
        all += exact.squaredNorm();
    }
    return std::sqrt(off / all);
}

TEST(ShellSolver, AgreesWithTheClosedFormInASphereAndConverges) {
    const double at_320 = error_in_a_sphere(320, 70.0);
    const double at_1280 = error_in_a_sphere(1280, 70.0);
    EXPECT_LE(at_1280, 0.003);
    EXPECT_LE(at_1280, at_320 / 3.0);
    EXPECT_LE(error_in_a_sphere(1280, 76.0), 0.006);  // 4 mm below the shell
    EXPECT_LE(error_in_a_sphere(2420, 70.0), at_1280 / 1.6);
}

// The incident sphere lies 15 mm beside the true one: what it gets wrong (20 %) the charges put right.
TEST(ShellSolver, PutsRightASphereInTheWrongPlace) {
    const ShellSolver solver(ellipsoid(1280, Vector3d::Constant(80.0)));
    const Vector3d up = Vector3d::UnitZ();
    const auto pose = on_ball(up, 90.0, 0.6);
    const FittedSphere wrong{{Vector3d(8.0, -6.0, -11.0)}, 80.0, 0.0};
    const auto points = cap(up, 74.0, 300);
    Eigen::Matrix3Xd exact(3, 300);
    Eigen::Matrix3Xd uncorrected(3, 300);
    const auto dipoles = placed(coil(), pose, {Vector3d::Zero()});
    const auto shifted = placed(coil(), pose, wrong.centre);
    for (int i = 0; i < 300; ++i) {
        const Vector3d p = points[static_cast<std::size_t>(i)].xyz;
        exact.col(i) = sphere_field(dipoles, 1e-3 * p);
        uncorrected.col(i) = sphere_field(shifted, 1e-3 * (p - wrong.centre.xyz));
    }
    EXPECT_GT(difference(uncorrected, exact), 0.1);
    EXPECT_LE(difference(shell_field(solver, wrong, coil(), pose, points), exact), 0.004);
}

// Regular solid harmonics up to `degree` and their gradients, real and imaginary parts, by their recurrences; complex
// R_l^m with ∂z R_l^m = R_{l−1}^m, (∂x + i∂y) R_l^m = R_{l−1}^{m+1}, (∂x − i∂y) R_l^m = −R_{l−1}^{m−1}.
MatrixXd harmonic_gradients(const Vector3d& p, int degree) {
    using Complex = std::complex<double>;
    std::vector<std::vector<Complex>> r(static_cast<std::size_t>(degree) + 1);
    const double square = p.squaredNorm();
    for (int l = 0; l <= degree; ++l) {
        const auto lu = static_cast<std::size_t>(l);
        r[lu].assign(lu + 2, 0.0);
        for (int m = 0; m <= l; ++m) {
            const auto mu = static_cast<std::size_t>(m);
            if (l == 0) {
                r[0][0] = 1.0;
            } else if (m == l) {
                r[lu][mu] = -Complex(p.x(), p.y()) / (2.0 * m) * r[lu - 1][mu - 1];
            } else {
                const Complex before = l >= 2 && m <= l - 2 ? r[lu - 2][mu] : Complex(0.0);
                r[lu][mu] = ((2.0 * l - 1.0) * p.z() * r[lu - 1][mu] - square * before) / double(l * l - m * m);
            }
        }
    }
    MatrixXd out(3, (degree + 1) * (degree + 1) - 1);
    Eigen::Index column = 0;
    for (int l = 1; l <= degree; ++l) {
        const auto& below = r[static_cast<std::size_t>(l) - 1];
        const auto value = [&](int m) -> Complex {
            if (m < 0) return -std::conj(below[1]);  // only m = −1 occurs
            return m <= l - 1 ? below[static_cast<std::size_t>(m)] : Complex(0.0);
        };
        for (int m = 0; m <= l; ++m) {
            const Complex plus = value(m + 1);
            const Complex minus = m == 0 && l == 1 ? Complex(0.0) : -value(m - 1);
            const Complex dx = 0.5 * (plus + minus);
            const Complex dy = (plus - minus) / Complex(0.0, 2.0);
            out.col(column++) = Vector3d(dx.real(), dy.real(), value(m).real());
            if (m > 0) out.col(column++) = Vector3d(dx.imag(), dy.imag(), value(m).imag());
        }
    }
    return out;
}

// Another method altogether: the correction as a sum of harmonic polynomials that meets the boundary condition on the
// true ellipsoid in the least-squares sense.
TEST(ShellSolver, AgreesWithHarmonicPolynomialsInAnEllipsoid) {
    const Vector3d half_axes(68.0, 88.0, 74.0);
    constexpr int kDegree = 22;
    const FittedSphere sphere{{Vector3d(0.0, 4.0, -6.0)}, 80.0, 0.0};
    const Vector3d up(0.0, 0.0, 1.0);
    const auto pose = on_ball(up, 86.0, 0.6);  // 12 mm above the shell
    const auto dipoles = placed(coil(), pose, sphere.centre);
    const auto surface = ellipsoid(5120, half_axes);
    const double unit = 80.0;
    const Eigen::Index unknowns = (kDegree + 1) * (kDegree + 1) - 1;
    MatrixXd rows(static_cast<Eigen::Index>(surface.vertices.size()), unknowns);
    Eigen::VectorXd wanted(rows.rows());
    for (Eigen::Index i = 0; i < rows.rows(); ++i) {
        const Vector3d x = surface.vertices[static_cast<std::size_t>(i)].xyz;
        const Vector3d n = x.cwiseQuotient(half_axes.cwiseAbs2()).normalized();
        rows.row(i) = n.transpose() * harmonic_gradients(x / unit, kDegree);
        wanted[i] = n.dot(sphere_field(dipoles, 1e-3 * (x - sphere.centre.xyz)));
    }
    const Eigen::VectorXd scale = rows.colwise().norm().cwiseInverse();
    const Eigen::VectorXd solved = (rows * scale.asDiagonal()).householderQr().solve(wanted);
    ASSERT_LE((rows * scale.asDiagonal() * solved - wanted).norm(), 1e-3 * wanted.norm());
    std::vector<Point<Scan>> points;
    for (const auto& p : cap(up, 1.0, 250)) points.push_back({0.92 * p.xyz.cwiseProduct(half_axes)});
    Eigen::Matrix3Xd reference(3, 250);
    Eigen::Matrix3Xd uncorrected(3, 250);
    for (int i = 0; i < 250; ++i) {
        const Vector3d p = points[static_cast<std::size_t>(i)].xyz;
        uncorrected.col(i) = sphere_field(dipoles, 1e-3 * (p - sphere.centre.xyz));
        reference.col(i) = uncorrected.col(i) - harmonic_gradients(p / unit, kDegree) * scale.asDiagonal() * solved;
    }
    EXPECT_GT(difference(uncorrected, reference), 0.05);
    const auto error_with = [&](int triangles) {
        return difference(shell_field(ShellSolver(ellipsoid(triangles, half_axes)), sphere, coil(), pose, points),
                          reference);
    };
    const double coarse = error_with(320);
    const double fine = error_with(1280);
    RecordProperty("ellipsoid_320", std::to_string(coarse));
    RecordProperty("ellipsoid_1280", std::to_string(fine));
    EXPECT_LE(fine, 0.006);
    EXPECT_LE(fine, coarse / 2.5);
}

TEST(ShellSolver, TheTransposedMapIsTheAdjoint) {
    const ShellSolver solver(ellipsoid(320, {60.0, 80.0, 70.0}));
    const MatrixXd g = MatrixXd::Random(solver.vertices(), 2);
    const MatrixXd f = MatrixXd::Random(solver.vertices(), 2);
    const MatrixXd forward = f.transpose() * solver.charges(g);
    const MatrixXd back = solver.charges_transposed(f).transpose() * g;
    EXPECT_LE((forward - back).norm(), 1e-9 * forward.norm());
}

TEST(ShellSolver, RefusesWhatIsNoShell) {
    Surface open = ellipsoid(320, Vector3d::Constant(80.0));
    open.triangles.pop_back();
    EXPECT_THROW(ShellSolver{open}, InputError);
    Surface inside_out = ellipsoid(320, Vector3d::Constant(80.0));
    for (auto& t : inside_out.triangles) std::swap(t[0], t[1]);
    EXPECT_THROW(ShellSolver{inside_out}, InputError);
    EXPECT_THROW(ShellSolver{ellipsoid(320, {80.0, 80.0, 0.0})}, InputError);
    EXPECT_THROW(ShellSolver{ellipsoid(8000, Vector3d::Constant(80.0))}, InputError);
    EXPECT_THROW(ShellSolver{Surface{}}, InputError);
    Surface broken = ellipsoid(320, Vector3d::Constant(80.0));
    broken.vertices[5].xyz.x() = std::nan("");
    EXPECT_THROW(ShellSolver{broken}, InputError);
}

// One preparation for the tests below.
class Prepared : public testing::Test {
protected:
    static void SetUpTestSuite() {
        shell_ = new Surface(ellipsoid(1280, {68.0, 86.0, 74.0}));
        points_ = new std::vector<Point<Scan>>();
        for (const auto& p : cap(Vector3d::UnitZ(), 1.0, 1500)) {
            points_->push_back({0.93 * p.xyz.cwiseProduct(Vector3d(68.0, 86.0, 74.0))});
        }
        modes_ = new std::shared_ptr<const ShellModes>(
            std::make_shared<ShellModes>(prepare_shell_modes(*shell_, *points_, coil())));
    }
    static void TearDownTestSuite() {
        delete modes_;
        delete points_;
        delete shell_;
    }
    static inline Surface* shell_ = nullptr;
    static inline std::vector<Point<Scan>>* points_ = nullptr;
    static inline std::shared_ptr<const ShellModes>* modes_ = nullptr;
};

TEST_F(Prepared, CompressedIsWithinTwoPercentOfUncompressed) {
    EXPECT_LE((*modes_)->rms_error, 0.006);
    EXPECT_LE((*modes_)->worst_error, 0.02);
    const ShellSolver solver(*shell_);
    const auto field = shell_cortical_field(*modes_, coil());
    SeededRandom random = random_stream(4, 0);
    for (int i = 0; i < 12; ++i) {
        const Vector3d up = (Vector3d::UnitZ() + 0.7 * any_direction(random)).normalized();
        const Vector3d seat = up.cwiseProduct(Vector3d(68.0, 86.0, 74.0)) * (1.0 + draw_uniform(random, 0.15, 0.3));
        const auto turned = on_ball(up, 0.0, draw_uniform(random, 0.0, 6.0));
        Eigen::Isometry3d pose = turned.isometry();
        pose.translation() = seat;
        const Transform<Scan, Coil> scan_from_coil(pose);
        const Eigen::Matrix3Xd exact = 1e6 * shell_field(solver, (*modes_)->sphere, coil(), scan_from_coil, *points_);
        Vectors3f fast;
        field->evaluate(scan_from_coil, 1.0, fast);
        Eigen::Matrix3Xd got(3, static_cast<Eigen::Index>(fast.size()));
        for (std::size_t k = 0; k < fast.size(); ++k) got.col(static_cast<Eigen::Index>(k)) = fast.at(k);
        EXPECT_LE(difference(got, exact), 0.02);
    }
    EXPECT_EQ(field->origin().head, "inner skull");
    EXPECT_NE(field->origin().version.find((*modes_)->key.substr(0, 16)), std::string::npos);
    EXPECT_THROW(shell_cortical_field(*modes_, reversed(coil())), InputError);
    Vectors3f unused;
    EXPECT_THROW(field->evaluate(Transform<Scan, Coil>(), std::nan(""), unused), InputError);
}

TEST_F(Prepared, IsTheSameEachTime) {
    const ShellModes again = prepare_shell_modes(*shell_, *points_, coil());
    EXPECT_EQ(again.modes.values(), (*modes_)->modes.values());
    EXPECT_EQ(again.coefficients, (*modes_)->coefficients);
    EXPECT_EQ(again.key, (*modes_)->key);
}

TEST_F(Prepared, IsKeptAndFoundAgainUnlessDamaged) {
    const auto folder = std::filesystem::temp_directory_path() / ("precentral_modes_" + std::to_string(::getpid()));
    const std::string key = (*modes_)->key;
    EXPECT_FALSE(kept_shell_modes(folder, key));
    keep_shell_modes(**modes_, folder);
    const auto kept = kept_shell_modes(folder, key);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->modes.values(), (*modes_)->modes.values());
    EXPECT_EQ(kept->coefficients, (*modes_)->coefficients);
    EXPECT_EQ(kept->points, (*modes_)->points);
    EXPECT_EQ(kept->shell.triangles, (*modes_)->shell.triangles);
    EXPECT_EQ(kept->rms_error, (*modes_)->rms_error);
    EXPECT_FALSE(kept_shell_modes(folder, std::string(64, '0')));
    const auto path = std::filesystem::directory_iterator(folder)->path();
    const auto size = std::filesystem::file_size(path);
    SeededRandom random = random_stream(9, 0);
    for (int i = 0; i < 20; ++i) {
        keep_shell_modes(**modes_, folder);
        if (i % 2 == 0) {
            std::filesystem::resize_file(path, static_cast<std::uintmax_t>(draw_uniform(random) * double(size)));
        } else {
            std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
            file.seekp(static_cast<std::streamoff>(draw_uniform(random) * double(size - 1)));
            const char old = static_cast<char>(file.peek());
            file.put(static_cast<char>(old ^ 0x40));
        }
        EXPECT_FALSE(kept_shell_modes(folder, key));
    }
    std::filesystem::remove_all(folder);
}

TEST_F(Prepared, StopsWhenAsked) {
    std::stop_source source;
    Progress progress{source.get_token(), [&](double fraction, std::string_view) {
                          if (fraction > 0.3) source.request_stop();
                      }};
    EXPECT_THROW(prepare_shell_modes(*shell_, *points_, coil(), {}, progress), Cancelled);
    EXPECT_THROW(prepare_shell_modes(*shell_, {{Vector3d(0, 0, 90)}}, coil()), InputError);
    EXPECT_THROW(prepare_shell_modes(*shell_, {}, coil()), InputError);
}

TEST_F(Prepared, ItsKeyIsThatOfItsContent) {
    const std::string key = shell_modes_key(*shell_, *points_, coil());
    EXPECT_EQ(key, (*modes_)->key);
    Surface other = *shell_;
    other.vertices[7].xyz.x() += 1e-9;
    EXPECT_NE(shell_modes_key(other, *points_, coil()), key);
    EXPECT_NE(shell_modes_key(*shell_, *points_, reversed(coil())), key);
    ShellModesOptions finer;
    finer.most_modes = 100;
    EXPECT_NE(shell_modes_key(*shell_, *points_, coil(), finer), key);
}

TEST(InnerSkull, EnclosesTheBrainAndIsOneClosedShell) {
    // A brain with deep furrows.
    Surface brain = ellipsoid(5120, {64.0, 82.0, 62.0});
    for (auto& v : brain.vertices) {
        v.xyz *= 1.0 - 0.12 * std::abs(std::sin(0.25 * v.xyz.x()) * std::sin(0.2 * v.xyz.y()));
    }
    for (const int triangles : {1280, 2560}) {
        const Surface shell = inner_skull_around(brain, triangles);
        const MeshMeasures measures = measured(shell);
        EXPECT_TRUE(measures.watertight());
        EXPECT_EQ(measures.shells, 1);
        EXPECT_LE(static_cast<int>(shell.triangles.size()), triangles);
        const SurfaceIndex index(shell);
        for (const auto& v : brain.vertices) EXPECT_LT(index.closest(v).distance_mm, -1.0);
        EXPECT_LT(measures.volume_ml, 1.2 * measured(ellipsoid(5120, {64.0, 82.0, 62.0})).volume_ml);
        EXPECT_NO_THROW(ShellPlaces{shell});
    }
    EXPECT_THROW(inner_skull_around(Surface{}), InputError);
    EXPECT_THROW(inner_skull_around(ellipsoid(320, Vector3d::Constant(8000.0))), InputError);
}

TEST(GeodesicSphere, HasTwentyTimesASquareOfTriangles) {
    for (const int wanted : {20, 80, 320, 1280, 2420, 5120}) {
        const Surface ball = geodesic_sphere(wanted);
        EXPECT_EQ(static_cast<int>(ball.triangles.size()), wanted);
        EXPECT_EQ(ball.vertices.size(), ball.triangles.size() / 2 + 2);
        EXPECT_TRUE(measured(ball).watertight());
        EXPECT_GT(measured(ball).volume_ml, 0.0);
    }
}

TEST(FieldReader, ReadsPeakAreasAndTarget) {
    const Surface cortex = ellipsoid(20480, Vector3d::Constant(70.0));
    const auto field = sphere_cortical_field(FittedSphere{{Vector3d::Zero()}, 85.0, 0.0}, cortex.vertices, coil());
    const auto pose = on_ball(Vector3d::UnitZ(), 85.0, 0.8);
    Vectors3f values;
    field->evaluate(pose, 100.0, values);
    FieldReader reader(cortex);
    const Direction<Scan> across{3.0 * Vector3d(pose.y_axis().xyz)};
    reader.aim_at({Vector3d(0, 0, 70)}, across);
    const FieldSummary summary = reader.read(values, field->origin());
    EXPECT_NEAR(summary.peak_v_per_m, 153.0, 8.0);  // 15 mm below the scalp for 100 A/µs
    EXPECT_LT((summary.peak_at.xyz - Vector3d(0, 0, 70)).norm(), 6.0);
    EXPECT_GT(summary.peak_direction.dot(pose.y_axis()), 0.99);
    EXPECT_NEAR(summary.area_half_mm2, 3300.0, 250.0);
    EXPECT_NEAR(summary.area_half_energy_mm2, 1400.0, 200.0);
    EXPECT_GT(summary.target_share, 0.98);
    EXPECT_NEAR(*summary.to_sulcal_normal_deg, 0.0, 3.0);
    EXPECT_EQ(summary.origin.head, "sphere");
    EXPECT_NE(std::string(kFieldCaution).find("29 %"), std::string::npos);
    Vectors3f wrong;
    wrong.resize(3);
    EXPECT_THROW(reader.read(wrong, {}), InputError);
}

}  // namespace
}  // namespace precentral
