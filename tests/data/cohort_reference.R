# SPDX-License-Identifier: Apache-2.0
# Prints the reference values that tests/data/cohort_*_test.cpp hold. Run with R 4.2.2, survival 3.5.3, pROC 1.18.0:
#   Rscript tests/data/cohort_reference.R
options(digits = 15)
show <- function(name, ...) cat(name, ":", format(c(...), digits = 15), "\n")

exact_ratio <- function(a, b, c, d, share) {  # fisher.test stops at a tolerance of 1e-4; this goes to the end
  m <- a + c; n <- b + d; k <- a + b; support <- max(0, k - n):min(k, m)
  logdc <- dhyper(support, m, n, k, log = TRUE)
  law <- function(t) { w <- logdc + t * support; w <- exp(w - max(w)); w / sum(w) }
  root <- function(f) exp(uniroot(f, c(-20, 20), tol = 1e-15)$root)
  c(if (share == 1) root(function(t) sum(support * law(t)) - a)
    else root(function(t) { p <- law(t); sum(p[support > a]) + 0.5 * sum(p[support == a]) - 0.5 }),
    root(function(t) { p <- law(t); sum(p[support > a]) + share * sum(p[support == a]) - 0.025 }),
    root(function(t) { p <- law(t); sum(p[support < a]) + share * sum(p[support == a]) - 0.025 }))
}
profile_ratio <- function(a, b, c, d) {
  y <- rbind(c(a, b), c(c, d)); z <- c(1, 0)
  full <- glm(y ~ z, family = binomial)
  loss <- function(t) glm(y ~ 1, family = binomial, offset = t * z, control = list(epsilon = 1e-15))$deviance -
    full$deviance - qchisq(0.95, 1)
  o <- coef(full)[2]
  exp(c(o, uniroot(loss, c(o - 5, o), tol = 1e-14)$root, uniroot(loss, c(o, o + 5), tol = 1e-14)$root))
}
for (t in list(c(88, 27, 48, 30), c(44, 8, 18, 11))) {
  f <- fisher.test(matrix(t, 2, byrow = TRUE))
  show("fisher.test", f$estimate, f$conf.int, f$p.value)
  show("fisher exact", exact_ratio(t[1], t[2], t[3], t[4], 1))
  show("midp exact", exact_ratio(t[1], t[2], t[3], t[4], 0.5))
  m <- glm(rbind(t[1:2], t[3:4]) ~ c(1, 0), family = binomial)
  show("confint(glm)", exp(c(coef(m)[2], suppressMessages(confint(m))[2, ])))
  show("profile exact", profile_ratio(t[1], t[2], t[3], t[4]))
  show("LR p", anova(m, test = "LRT")[2, 5])
}
show("binom.test 81/193", binom.test(81, 193)$conf.int)
show("prop.test 81/193", prop.test(81, 193, correct = FALSE)$conf.int)
show("binom.test 0/1000", binom.test(0, 1000)$conf.int)
show("mcnemar exact 10,3", binom.test(3, 13)$p.value, binom.test(3, 13)$p.value - dbinom(3, 13, 0.5))

x <- c(1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30)  # Hollander & Wolfe, as in ?wilcox.test
y <- c(0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29)
w <- wilcox.test(x, y, paired = TRUE); show("signed rank exact", w$statistic, w$p.value)
at <- c(0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46)
age <- c(1.15, 0.88, 0.90, 0.74, 1.21)
w <- wilcox.test(at, age); show("rank sum exact", w$statistic, w$p.value)
p <- c(10, 20, 20, 30, 40, 0, 50, 10, 30, 60); q <- c(0, 10, 30, 10, 20, 0, 20, 20, 10, 30)
w <- wilcox.test(p, q, paired = TRUE, exact = FALSE); show("signed rank ties", w$statistic, w$p.value)
w <- wilcox.test(p, q, exact = FALSE); show("rank sum ties", w$statistic, w$p.value)
r <- cor.test(p, q); show("pearson", r$estimate, r$conf.int, r$p.value)
r <- cor.test(p, q, method = "spearman", exact = FALSE); show("spearman ties", r$estimate, r$p.value)
r <- cor.test(1:6, c(2, 1, 4, 3, 6, 5), method = "spearman"); show("spearman exact", r$estimate, r$p.value)
rounding <- matrix(c(5.40, 5.50, 5.55, 5.85, 5.70, 5.75, 5.20, 5.60, 5.50, 5.55, 5.50, 5.40, 5.90, 5.85, 5.70,
  5.45, 5.55, 5.60, 5.40, 5.40, 5.35, 5.45, 5.50, 5.35, 5.25, 5.15, 5.00, 5.85, 5.80, 5.70, 5.25, 5.20, 5.10,
  5.65, 5.55, 5.45, 5.60, 5.35, 5.45, 5.05, 5.00, 4.95, 5.50, 5.50, 5.40, 5.45, 5.55, 5.50, 5.55, 5.55, 5.35,
  5.45, 5.50, 5.55, 5.50, 5.45, 5.25, 5.65, 5.60, 5.40, 5.70, 5.65, 5.55, 6.30, 6.30, 6.25), 22, byrow = TRUE)
f <- friedman.test(rounding); show("friedman", f$statistic, f$parameter, f$p.value)
show("BH", p.adjust(c(0.01, 0.04, 0.03, 0.005, 0.9), "BH"))

score <- c(10, 35, 20, 50, 5, 30, 70, 30, 15, 0, 60, 45, 10, 25, 40, 30, 55, 5, 20, 80)
first <- c(5, 10, 20, 30, 10, 40, 20, 10, 25, 5, 35, 15, 20, 5, 30, 10, 20, 0, 25, 30)
out <- c(0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 1, 1)
suppressMessages(library(pROC))
a <- roc(out, score, direction = "<", quiet = TRUE); b <- roc(out, first, direction = "<", quiet = TRUE)
show("roc score", ci.auc(a), sqrt(var(a))); show("roc first", ci.auc(b), sqrt(var(b)))
t <- roc.test(a, b, method = "delong", paired = TRUE); show("roc.test", t$statistic, t$p.value)
print(coords(a, "best", transpose = FALSE))

m <- glm(out ~ score + first, family = binomial, control = list(epsilon = 1e-14))
show("glm", coef(m)); show("glm se", sqrt(diag(vcov(m)))); show("glm loglik", logLik(m))
show("confint.default", confint.default(m)); show("confint(glm)", suppressMessages(confint(m)))
held <- function(j) {
  X <- cbind(1, score, first); k <- coef(m)[j]; s <- 8 * sqrt(diag(vcov(m)))[j]
  loss <- function(v) glm(out ~ X[, -j] - 1, family = binomial, offset = v * X[, j],
    control = list(epsilon = 1e-14))$deviance - m$deviance - qchisq(0.95, 1)
  c(uniroot(loss, c(k - s / 3, k), tol = 1e-13)$root, uniroot(loss, c(k, k + s / 3), tol = 1e-13)$root)
}
for (j in 1:3) show("glm profile", held(j))
firth <- function(X, y) {  # Firth 1993: maximise l + log det(I) / 2
  pl <- function(b) { e <- drop(X %*% b); p <- plogis(e)
    sum(y * plogis(e, log.p = TRUE) + (1 - y) * plogis(-e, log.p = TRUE)) + 0.5 * log(det(t(X) %*% (X * p * (1 - p)))) }
  best <- function(held = NULL, value = 0, start = rep(0, ncol(X))) {
    free <- setdiff(seq_len(ncol(X)), held)
    put <- function(u) { b <- numeric(ncol(X)); b[held] <- value; b[free] <- u; b }
    o <- list(par = start[free])
    for (i in 1:4) o <- optim(o$par, function(u) -pl(put(u)), method = "BFGS", control = list(reltol = 1e-16, maxit = 2000))
    list(par = put(o$par), value = -o$value) }
  f <- best(); show("firth", f$par, f$value)
  for (j in seq_len(ncol(X))) {
    loss <- function(v) 2 * (f$value - best(j, v, f$par)$value) - qchisq(0.95, 1)
    d <- 1; while (loss(f$par[j] - d) < 0) d <- 2 * d; u <- 1; while (loss(f$par[j] + u) < 0) u <- 2 * u
    show("firth profile", uniroot(loss, c(f$par[j] - d, f$par[j]), tol = 1e-10)$root,
      uniroot(loss, c(f$par[j], f$par[j] + u), tol = 1e-10)$root) }
}
firth(cbind(1, c(-3, -2.5, -2, -1, -0.5, 0.5, 1, 1.5, 2.5, 3)), c(0, 0, 0, 0, 0, 1, 1, 1, 1, 1))
firth(cbind(1, c(0, 0, 0, 0, 0, 0, 1, 1, 1, 1)), c(1, 0, 1, 0, 0, 1, 1, 1, 1, 1))

library(survival)
time <- c(6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35,
  1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)  # Freireich 1963, as in Cox 1972
status <- c(1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, rep(1, 21))
group <- rep(0:1, each = 21)
k <- survfit(Surv(time, status) ~ 1, subset = group == 0, conf.type = "log-log")
print(cbind(k$time, k$n.risk, k$n.event, k$surv, k$std.err, k$lower, k$upper)[k$n.event > 0, ], digits = 15)
print(quantile(survfit(Surv(time, status) ~ group, conf.type = "log-log"), 0.5))
d <- survdiff(Surv(time, status) ~ group); show("survdiff", d$chisq, d$exp, d$var[1, 1])
c1 <- coxph(Surv(time, status) ~ group, ties = "efron", control = coxph.control(eps = 1e-14))
show("coxph", coef(c1), sqrt(vcov(c1)), c1$loglik, c1$score)
z <- (seq_along(time) * 7) %% 11
c2 <- coxph(Surv(time, status) ~ group + z, ties = "efron", control = coxph.control(eps = 1e-14))
show("coxph 2", coef(c2), sqrt(diag(vcov(c2))), c2$loglik)
cause <- ifelse(status == 0, 0, ifelse(seq_along(time) %% 3 == 0, 2, 1))
cause <- factor(cause, 0:2, c("none", "relapse", "other"))
s <- survfit(Surv(time, cause) ~ 1)
i <- s$time %in% c(1, 6, 11, 17, 23)
print(cbind(s$time, s$pstate, s$std.err)[i, ], digits = 15)

suppressMessages(library(lmerTest))  # 3.1-3, with lme4 1.1-31
patient <- rep(1:8, c(4, 4, 3, 4, 2, 5, 1, 4))
session <- c(1:4, 1:4, 1:3, 1:4, 1:2, 1:5, 1, 1:4)
relief <- c(10, 20, 30, 35, 0, 5, 10, 0, 40, 55, 60, 20, 20, 30, 40, 15, 10, 30, 40, 45, 50, 60, 5, 60, 50, 70, 80)
central <- c(1, 0, 1, 1, 0, 0, 1, 1)[patient]
m <- lmer(relief ~ session + central + (1 | patient),
  control = lmerControl(optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-14), check.conv.grad = "ignore"))
s <- coef(summary(m)); print(s, digits = 12); print(as.data.frame(VarCorr(m)), digits = 12); show("ll", logLik(m))
for (i in 1:3) show("limits", s[i, 1] + c(-1, 1) * qt(0.975, s[i, 3]) * s[i, 2])
r2 <- c(10, -10, 10, -10, 5, -5, 8, -8); p2 <- rep(1:3, c(4, 2, 2)); x2 <- c(1, 2, 3, 4, 1, 2, 1, 2)
m <- suppressMessages(lmer(r2 ~ x2 + (1 | p2))); print(coef(summary(m)), digits = 12); show("ll", logLik(m))
show("chisq.test", chisq.test(matrix(c(20, 10, 15, 12, 8, 25, 5, 9), ncol = 2, byrow = TRUE), correct = FALSE)$p.value)
m <- mantelhaen.test(array(c(44, 18, 8, 11, 20, 10, 15, 12, 9, 0, 6, 7), c(2, 2, 3)), correct = FALSE)
show("mantelhaen.test", m$estimate, m$conf.int, m$p.value)
