"""Messages for clients of NVIDIA ACE; the server speaks them (docs/ace.md), a client of Visavis needs none of them."""
