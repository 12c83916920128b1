"""What is handed to a run: passwords and keys, per Pi, and the key that is installed."""

import stat
import subprocess
from pathlib import Path

import asyncssh
import pytest

from fleet.ssh.connection import Login
from fleet.ssh.credentials import Access, Credentials
from fleet.ssh.own_key import (
    OwnKeyError,
    key_to_install,
    own_key,
    problem_with,
    public_half,
    usual_keys,
)
from provision.card.settings import CardSettings
from provision.inventory import Host
from provision.runs.children import end_all, working_in
from provision.runs.logins import key_settings, secrets_for
from tests.fleet.pis import add_to_agent, make_key, run, ssh_agent
from tests.waiting import wait_until

ONE, TWO, THREE, FOUR, WRONG = "the first", "second", "third", "fourth", "wrong"
HERE = Host("00000000", "swarmaster", "10.0.0.1", local=True)
PI = Host("00000001", "swarmost1", "10.0.0.11")
OTHER = Host("00000002", "swarmost2", "10.0.0.12")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path


def test_each_pi_gets_its_own() -> None:
    usual = Access(Login(password=ONE))
    own = Access(Login("eva", password=TWO, keys=(), agent=False), sudo=THREE)
    said = secrets_for([HERE, PI, OTHER], Credentials(usual, here=FOUR).but(OTHER.id, own))
    here, pi, other = (said.hosts[host.alias] for host in (HERE, PI, OTHER))
    assert (here.password, here.become) == (None, FOUR)
    assert (pi.password, pi.become) == (ONE, ONE)
    assert (other.password, other.become) == (TWO, THREE)
    users = [said.variables()[host.alias].get("ansible_user") for host in (HERE, PI, OTHER)]
    assert users == [None, None, "eva"]
    options = said.variables()[OTHER.alias]["ansible_ssh_extra_args"]
    assert options == "-o IdentityFile=none -o IdentityAgent=none"
    assert not any(word in repr(said) for word in (ONE, TWO, THREE, FOUR))


def test_a_key_s_comment_may_be_in_any_language(tmp_path: Path) -> None:
    made = make_key(tmp_path / "key")
    run("ssh-keygen", "-c", "-C", "Jürgens Laptop", "-f", str(made))
    assert CardSettings("pi-1", "eva", public_half(made)).key.startswith("ssh-ed25519 ")
    run("ssh-keygen", "-p", "-N", ONE, "-f", str(made))
    public = made.with_suffix(".pub")
    public.write_text(f"{public.read_text().rsplit(maxsplit=1)[0]} Jürgens Laptop")
    assert CardSettings("pi-1", "eva", public_half(made)).key.startswith("ssh-ed25519 ")


def test_the_agent_of_a_run_that_was_killed_is_found(tmp_path: Path) -> None:
    """It holds a key in clear, and lets nobody read its environment."""
    with subprocess.Popen(["ssh-agent", "-D", "-a", str(tmp_path / "agent")]) as agent:
        wait_until((tmp_path / "agent").exists)
        assert [each.pid for each in working_in(tmp_path)] == [agent.pid]
        end_all(lambda: working_in(tmp_path))
        assert agent.wait(10) != 0


def test_a_key_is_made_where_there_is_none_and_used_from_then_on() -> None:
    assert usual_keys() == ()
    credentials = Credentials(Access(Login()))
    settings = key_settings(credentials, keep_passwords=False)
    assert usual_keys() == (own_key(),)
    assert stat.S_IMODE(own_key().stat().st_mode) == 0o600
    assert settings["ssh_private_key_file"] == str(own_key())
    public = public_half(own_key())
    assert settings["ssh_authorized_keys"] == [public]
    assert asyncssh.import_public_key(public).get_algorithm() == "ssh-ed25519"
    assert settings == key_settings(credentials, keep_passwords=False)
    said = secrets_for([PI], credentials)
    assert said.hosts[PI.alias].keys == (str(own_key()),)


def test_the_users_key_comes_first(home: Path) -> None:
    (home / ".ssh").mkdir()
    mine = home / ".ssh/id_ed25519"
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(str(mine))
    key.write_public_key(str(mine) + ".pub")
    settings = key_settings(Credentials(Access(Login())), keep_passwords=True)
    assert (settings["ssh_private_key_file"], settings["ssh_disable_passwords"]) == (
        str(mine),
        False,
    )
    assert not own_key().exists()


def test_a_locked_key_is_installed_only_where_an_agent_has_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / ".ssh").mkdir()
    locked = make_key(home / ".ssh/id_ed25519", ONE)
    with ssh_agent(home) as agent:
        monkeypatch.setenv("SSH_AUTH_SOCK", str(agent))
        # Locked and in no agent: a key that nobody could log in with afterwards.
        assert key_to_install() == own_key()
        assert "is locked" in problem_with(locked, None)
        add_to_agent(agent, locked, ONE)
        assert key_to_install() == locked
        assert problem_with(locked, None) == ""
    assert key_to_install() == own_key()


@pytest.mark.parametrize("kind", [(), ("-m", "PKCS8"), ("-m", "PEM")])
def test_what_is_wrong_with_a_key_file_is_said(home: Path, kind: tuple[str, ...]) -> None:
    file = home / "key"
    run("ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", ONE, *kind, "-f", str(file))
    assert problem_with(file, ONE) == ""
    assert "is locked: give its passphrase" in problem_with(file, None)
    assert "not the passphrase" in problem_with(file, WRONG)
    file.write_bytes(b"\xff no key")
    assert "holds no private key" in problem_with(file, ONE)
    assert "There is no key file" in problem_with(home / "none", None)


def test_a_locked_key_goes_to_an_agent_in_clear(home: Path) -> None:
    locked = make_key(home / "key with blanks", ONE)
    key = asyncssh.read_private_key(str(locked), ONE)
    login = Login(keys=(locked,), passphrase=ONE)
    said = secrets_for([PI, OTHER], Credentials(Access(login)))
    (clear,) = said.keys
    assert asyncssh.import_private_key(clear).public_data == key.public_data
    options = said.variables()[PI.alias]["ansible_ssh_extra_args"]
    # Ansible splits it, then ssh does.
    assert options == f"-o IdentityFile='\"{locked}\"'"
    assert public_half(locked, ONE).split()[1] in key.export_public_key().decode()
    with pytest.raises(OwnKeyError, match="cannot be used"):
        secrets_for([PI], Credentials(Access(Login(keys=(locked,), passphrase=WRONG))))


def test_a_key_named_from_the_folder_one_is_in_is_found_from_every_other(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = make_key(home / "key")
    monkeypatch.chdir(home)
    credentials = Credentials(Access(Login(keys=(Path("key"),))))
    assert secrets_for([PI], credentials).hosts[PI.alias].keys == (str(file),)
    assert key_settings(credentials, keep_passwords=False)["ssh_private_key_file"] == str(file)


def test_the_public_half_is_never_another_keys(home: Path) -> None:
    make_key(home / "id_ed25519")
    mine = make_key(home / "id_ed25519.home")
    told = Path(f"{mine}.pub").read_text().split()[:2]
    assert public_half(mine).split()[:2] == told
    # A public half that was left behind when the key was made anew.
    (home / "id_ed25519.pub").rename(f"{mine}.pub")
    assert public_half(mine).split()[:2] == told


def test_an_empty_key_of_squarms_own_is_made_anew_and_a_damaged_one_is_said() -> None:
    own_key().parent.mkdir(parents=True)
    own_key().touch()
    assert asyncssh.import_public_key(public_half(key_to_install())) is not None
    assert stat.S_IMODE(own_key().stat().st_mode) == 0o600
    own_key().write_text("-----BEGIN OPENSSH PRIVATE KEY-----\n")
    with pytest.raises(OwnKeyError, match=r"holds no private key .* move it away"):
        key_to_install()
