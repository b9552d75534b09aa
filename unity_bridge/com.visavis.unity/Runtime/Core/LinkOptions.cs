namespace Visavis
{
    /// <summary>Where the bridge is and which face is wanted: the payload of OPEN, see WIRE.md.</summary>
    public sealed class LinkOptions
    {
        const int MotionFpsDefault = 60;

        /// <summary>Name or address of the machine where the bridge runs.</summary>
        public string Host = "127.0.0.1";
        /// <summary>The port of requests; motion and pictures have the two above.</summary>
        public int Port = 8611;
        /// <summary>1 to 32 of A-Z a-z 0-9 - _; all engines that name it see the same face.</summary>
        public string Character = "npc";
        /// <summary>A face that the server has; empty: motion only.</summary>
        public string Avatar = "";
        /// <summary>Whether pictures (RGBA) are wanted.</summary>
        public bool Textures;
        /// <summary>Width and height of the pictures.</summary>
        public int TextureSizePx = 512;
        /// <summary>Pictures a second.</summary>
        public int TextureFps = 25;
        /// <summary>Motion a second, 20..60.</summary>
        public int MotionFps = MotionFpsDefault;
        /// <summary>The same seed makes the same blinks and glances; negative: any.</summary>
        public int Seed = -1;

        /// <summary>Writes the payload of OPEN: only what is wanted, so that a character that is open stays.</summary>
        public void Write(JsonWriter json)
        {
            json.BeginObject();
            if (!string.IsNullOrEmpty(Avatar)) { json.Name("avatar").Text(Avatar); }
            if (Textures)
            {
                json.Name("textures").Text("rgba");
                json.Name("texture_size_px").Number(TextureSizePx);
                json.Name("texture_fps").Number(TextureFps);
            }
            if (MotionFps != MotionFpsDefault) { json.Name("motion_fps").Number(MotionFps); }
            if (Seed >= 0) { json.Name("seed").Number(Seed); }
            json.EndObject();
        }
    }
}
