"""What trainings kept on their way is removed, and nothing else."""

from pathlib import Path

from sarbridge.contract.checkpoints import remove_checkpoints


def test_files_and_a_folder_for_them_alone_are_removed(tmp_path):
    folder, file = tmp_path / "mine.checkpoint", tmp_path / "other.checkpoint"
    folder.mkdir(), file.write_text("weights")
    for phase in ("teacher", "footprints"):
        (folder / f"{phase}.safetensors").write_text("weights")
    paths = [str(folder / f"{phase}.safetensors") for phase in ("teacher", "reconstruction", "footprints")]
    assert remove_checkpoints([*paths, str(file)]) == []
    assert not list(tmp_path.iterdir())


def test_what_is_of_somebody_else_stays(tmp_path):
    folder = tmp_path / "mine.checkpoint"
    folder.mkdir(), (folder / "notes.txt").write_text("mine")
    (folder / "teacher.safetensors").write_text("weights")
    assert remove_checkpoints([str(folder / "teacher.safetensors")]) == []
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_what_cannot_be_removed_is_told(tmp_path, monkeypatch):
    def locked(path, missing_ok=False):
        raise PermissionError(path)

    (tmp_path / "mine.checkpoint").write_text("weights")
    monkeypatch.setattr(Path, "unlink", locked)
    assert remove_checkpoints([str(tmp_path / "mine.checkpoint")]) == [tmp_path / "mine.checkpoint"]
