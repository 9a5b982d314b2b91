"""The yearly flux of reservations: what there is to share, who has which part of it, where each freed dwelling goes, what the year gave."""
