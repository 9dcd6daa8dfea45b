"""The router's firewall: loaded so that it cannot lock anyone out, shown in words, proved by packets."""
