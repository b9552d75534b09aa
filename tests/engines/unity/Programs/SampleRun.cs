// Plays a sample of the package as Unity would, with stand-ins of Unity's classes: SampleRun NAME PORT LINES CLIPS, where a
// bridge listens at PORT and CLIPS is a folder of raw float32 at 16 kHz. It ends when so many lines were said, or after
// 40 s. Prints what happened, a line each.
using System;
using System.Diagnostics;
using System.IO;
using System.Threading;
using UnityEngine;
using Visavis;
using Visavis.Samples;

static class SampleRun
{
    const double LimitSeconds = 40.0;
    static int _finished;

    static void Main(string[] arguments)
    {
        foreach (string path in Directory.GetFiles(arguments[3], "*.f32")) { Load(path); }
        int port = int.Parse(arguments[1]);
        Game.IsPlayed = true;
        Game.Enabling = one => Watch(one as VisavisSource, port);
        var empty = new GameObject("Empty");
        if (arguments[0] == "texture") { empty.AddComponent<TextureNpc>(); }
        else if (arguments[0] == "blendshape") { empty.AddComponent<BlendshapeNpc>(); }
        else { empty.AddComponent<TwoNpcs>(); }
        Play(int.Parse(arguments[2]));
        Console.WriteLine("closing");
        var watch = Stopwatch.StartNew();
        foreach (GameObject one in Game.Objects.ToArray()) { one.SetActive(false); }
        Console.WriteLine("closed " + watch.ElapsedMilliseconds);
        Console.WriteLine("pictures " + Texture2D.Applied);
    }

    static void Play(int lines)
    {
        float jawMost = 0f;
        var watch = Stopwatch.StartNew();
        while (_finished < lines && watch.Elapsed.TotalSeconds < LimitSeconds)
        {
            Game.Frame();
            foreach (SkinnedMeshRenderer face in Game.Find<SkinnedMeshRenderer>())
            {
                jawMost = Math.Max(jawMost, face.Weights[face.sharedMesh.GetBlendShapeIndex("jawOpen")]);
            }
            Thread.Sleep(12);
        }
        foreach (VisavisSource source in Game.Find<VisavisSource>())
        {
            Console.WriteLine("state " + source.character + " " + source.State + " " + source.LastError);
        }
        Console.WriteLine("jaw " + jawMost.ToString("0.00"));
    }

    static void Watch(VisavisSource source, int port)
    {
        if (source == null) { return; }
        source.port = port;
        source.LineStarted += line => Console.WriteLine("started " + source.character);
        source.LineFinished += line =>
        {
            Console.WriteLine("finished " + source.character);
            _finished++;
        };
        source.LineInterrupted += line => Console.WriteLine("interrupted " + source.character + " " + line.Error);
    }

    static void Load(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        var samples = new float[bytes.Length / 4];
        Buffer.BlockCopy(bytes, 0, samples, 0, bytes.Length);
        AudioClip clip = AudioClip.Create(Path.GetFileNameWithoutExtension(path), samples.Length, 1, 16000, false);
        clip.SetData(samples, 0);
        Resources.Files[clip.name] = clip;
    }
}
