"""What else of a system decides on who gets in: its services, boot, sessions, banners and cards."""
