from dataclasses import replace

import pytest

from pangeo_forge.errors import UsageError
from pangeo_forge.runs.jobs import load_job, without_secrets, write_job

OPTIONS = {"key": "hunter2", "client_kwargs": {"endpoint_url": "http://localhost:1"}}


def test_job_is_kept_but_for_its_secrets(tmp_path, job):
    job = replace(job, target_options=OPTIONS, cache_options={"password": "hunter3"}, engine_options={"workers": 2})
    write_job(tmp_path, job)
    kept = (tmp_path / "job.json").read_text()
    assert "hunter" not in kept
    assert load_job(tmp_path, target_options=OPTIONS, cache_options={"password": "hunter3"}) == job


def test_job_says_which_options_it_is_without(job):
    assert without_secrets(replace(job, target_options=OPTIONS)).target_options == {"key": "…", "client_kwargs": "…"}


def test_option_that_is_not_given_again_is_named(tmp_path, job):
    write_job(tmp_path, replace(job, target_options=OPTIONS))
    with pytest.raises(UsageError, match="storage options of the target that are not kept with it: key"):
        load_job(tmp_path, target_options={"client_kwargs": {}}, cache_options={})


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"entries": 5}', '{"entries": [], "colour": "red"}'])
def test_damaged_job_is_refused(tmp_path, content):
    (tmp_path / "job.json").write_text(content)
    with pytest.raises(UsageError, match=r"cannot be read any more: .*/job\.json"):
        load_job(tmp_path, target_options={}, cache_options={})


def test_missing_job_is_refused(tmp_path):
    with pytest.raises(UsageError, match="cannot be read any more"):
        load_job(tmp_path, target_options={}, cache_options={})
