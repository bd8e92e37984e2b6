//! The programs that are no part of this workspace's code, and how their answers are compared with ours.

use crate::directory;
use std::ffi::OsStr;
use std::fmt::Debug;
use std::path::Path;
use std::process::Command;
use std::thread;

/// A verifier beside ours.
pub(crate) struct Program {
    pub(crate) name: &'static str,
    command: &'static str,
    /// Succeeds where the program can run.
    probe: &'static [&'static str],
    needs: &'static str,
}

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        name: "run.mjs",
        command: "node",
        probe: &["-e", "process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)"],
        needs: "Node 20 or newer as `node`: from https://nodejs.org or the system's packages",
    },
    Program {
        name: "verify.py",
        command: "python3",
        probe: &["-c", "import cryptography"],
        needs: "Python 3.10 or newer as `python3`, and its package cryptography: `python3 -m pip install cryptography`",
    },
];

impl Program {
    /// What the program prints; none, and a line that says why, where it is not installed.
    pub(crate) fn lines(&self, parameters: &[&OsStr]) -> Option<Vec<String>> {
        let ready = Command::new(self.command).args(self.probe).output().is_ok_and(|output| output.status.success());
        if !ready {
            eprintln!("skipped: {} needs {}", self.name, self.needs);
            return None;
        }
        let script = directory("verifier").join(self.name);
        let output = Command::new(self.command).arg(script).args(parameters).output().expect("the program starts");
        let lines = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{}: {lines}{}", self.name, String::from_utf8_lossy(&output.stderr));
        Some(lines.lines().map(str::to_owned).collect())
    }
}

/// Gives the same inputs to all, and fails where one of them answers otherwise than we. Gives our answers.
pub(crate) fn agree<T: Debug + Sync>(
    question: &str,
    inputs: &[T],
    pack: impl Fn(&[T]) -> Vec<u8>,
    ours: impl Fn(&T) -> String + Sync,
) -> Vec<String> {
    let file = tempfile::NamedTempFile::new().expect("there is room for the inputs");
    std::fs::write(file.path(), pack(inputs)).expect("there is room for the inputs");
    let (answers, others) = thread::scope(|scope| {
        let others = PROGRAMS.iter().map(|program| scope.spawn(|| ask(program, question, file.path()))).collect::<Vec<_>>();
        let answers = inputs.iter().map(&ours).collect::<Vec<_>>();
        (answers, others.into_iter().map(|other| other.join().expect("the thread does not panic")).collect::<Vec<_>>())
    });
    for (program, lines) in PROGRAMS.iter().zip(others) {
        let Some(lines) = lines else { continue };
        assert_eq!(lines.len(), answers.len(), "{} answers every question", program.name);
        let apart: Vec<_> = (0..answers.len()).filter(|n| answers[*n] != lines[*n]).collect();
        let shown: String =
            apart.iter().take(12).map(|n| format!("{:?}\n  ours {}\n  its  {}\n", inputs[*n], answers[*n], lines[*n])).collect();
        assert!(apart.is_empty(), "{} answers {} of {} otherwise:\n{shown}", program.name, apart.len(), answers.len());
    }
    answers
}

fn ask(program: &Program, question: &str, file: &Path) -> Option<Vec<String>> {
    program.lines(&[OsStr::new(question), file.as_os_str()])
}
