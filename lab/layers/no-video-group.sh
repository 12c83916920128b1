# Run in the new root: a user added later, who may not ask the firmware.
gpasswd --delete pi video
