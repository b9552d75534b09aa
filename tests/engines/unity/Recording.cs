using System;
using System.Collections.Generic;
using System.Threading;
using UnityEngine;

namespace Visavis.Tests
{
    /// <summary>
    /// One line said by a texture NPC, as its draws showed it; made once, on the main thread, for all tests that look
    /// at it.
    /// </summary>
    sealed class Recording
    {
        /// <summary>Pictures a second.</summary>
        public const int PicturesPerS = 50;

        static Recording _made;

        /// <summary>
        /// Draws while the sound played: when, play position, line sample of the picture (16 kHz) and jawOpen.
        /// </summary>
        public readonly List<double> TruePositions = new List<double>();
        public readonly List<double> TimesS = new List<double>();
        public readonly List<double> Positions = new List<double>();
        public readonly List<long> PictureSamples = new List<long>();
        public readonly List<float> Jaws = new List<float>();
        public Arrivals MotionCame, PicturesCame;
        public readonly List<string> Events = new List<string>();
        public readonly Renderer Renderer = new Renderer();
        public readonly RenderTexture Target = new RenderTexture();
        public Texture2D Texture;
        public byte[] LastPixels;
        public int TexturesMade, Applied;
        public string Error = "";
        public double JawAfter;

        /// <summary>The recording.</summary>
        public static Recording Of()
        {
            if (_made == null)
            {
                _made = new Recording();
                _made.Make();
            }
            return _made;
        }

        void Make()
        {
            using (MotionCame = new Arrivals(Stack.Port + 1, "speaker/motion"))
            using (PicturesCame = new Arrivals(Stack.Port + 2, "speaker/texture"))
            using (var scene = new Scene())
            {
                VisavisSource source = Stack.Source(scene, "speaker");
                source.avatar = "guard";
                source.textures = true;
                source.textureFps = PicturesPerS;
                source.textureSize = 256;
                source.LineStarted += line => Events.Add("started " + line.State);
                source.LineFinished += line => Events.Add("finished " + line.State);
                source.LineInterrupted += line => Events.Add("interrupted " + line.Error);
                var texture = scene.Add<VisavisFaceTexture>();
                texture.targetRenderer = Renderer;
                texture.targetTexture = Target;
                scene.Enable(source);
                scene.Enable(texture);
                int made = Texture2D.Made;
                // Said at once, as a game does in Start: it waits until the face is there.
                Line said = source.Say(Stack.Speech, Vocabulary.SampleRateHz);
                scene.Play(40.0, () => { Note(source); return Events.Count > 1; });
                double endS = Clock.NowS() + 0.3;
                scene.Play(1.0, () => Clock.NowS() > endS);
                JawAfter = source.Face[Face.JawOpen];
                Texture = texture.texture;
                LastPixels = source.Picture == null ? null : source.Picture.Rgba;
                TexturesMade = Texture2D.Made - made;
                Applied = Texture == null ? 0 : Texture.Applied;
                Error = source.LastError + said.Error;
            }
        }

        void Note(VisavisSource source)
        {
            if (source.SpokenLine == 0) { return; }
            TimesS.Add(Clock.NowS());
            Positions.Add(source.Position);
            TruePositions.Add(source.audioSource.TrueS * Vocabulary.SampleRateHz);
            Jaws.Add(source.Face[Face.JawOpen]);
            Picture picture = source.Picture;
            PictureSamples.Add(picture != null && picture.Line == source.SpokenLine ? picture.LineSample : -1);
        }
    }
}
