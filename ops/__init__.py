"""Running the installation: launcher, embedded servers, supervisor, roles. Imports nothing by itself."""
