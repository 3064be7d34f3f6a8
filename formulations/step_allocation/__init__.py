"""Step allocation (paper A): who offloads, and how many reverse diffusion steps each user gets."""
