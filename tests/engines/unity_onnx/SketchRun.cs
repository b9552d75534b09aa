// Runs FaceFromVoice over a clip with stand-ins of Unity's classes: SketchRun FOLDER STEP. The folder has raw float32:
// clip.f32 and NAME.f32 for every output of the network, all calls one after the other. The sound's position goes on by
// STEP samples a draw. Writes weights.f32, 52 a draw, and heard.f32, the features that the network was given.
using System;
using System.Collections.Generic;
using System.IO;
using Unity.InferenceEngine;
using UnityEngine;
using Visavis;
using Visavis.Samples;

static class SketchRun
{
    static readonly string[] Outputs = { "phones", "channels", "closures", "entry_context_next", "context_next" };
    static readonly int[] Sizes = { 3 * 4 * 40, 3 * 4 * 9, 3 * 4 * 2, 2 * 128, 60 * 152 };

    static void Main(string[] arguments)
    {
        string folder = arguments[0];
        for (int i = 0; i < Outputs.Length; i++)
        {
            Worker.Answers[Outputs[i]] = Read(Path.Combine(folder, Outputs[i] + ".f32"));
            Worker.Sizes[Outputs[i]] = Sizes[i];
        }
        float[] samples = Read(Path.Combine(folder, "clip.f32"));
        AudioClip clip = AudioClip.Create("line", samples.Length, 1, 16000, false);
        clip.SetData(samples, 0);

        Game.IsPlayed = true;
        var npc = new GameObject("npc");
        npc.SetActive(false);
        var face = npc.AddComponent<FaceFromVoice>();
        face.voice = npc.AddComponent<AudioSource>();
        face.face = npc.AddComponent<SkinnedMeshRenderer>();
        face.face.sharedMesh = new Mesh();
        for (int i = 0; i < ArticulationCurves.Shapes; i++)
            face.face.sharedMesh.ShapeNames.Add(Vocabulary.Names[i]);
        npc.SetActive(true);
        face.voice.clip = clip;
        face.voice.Play();
        Draw(face, samples.Length, int.Parse(arguments[1]), folder);
        npc.SetActive(false);
    }

    static void Draw(FaceFromVoice face, int samples, int step, string folder)
    {
        var weights = new List<float>();
        for (int at = 0; at < samples + 20 * step; at += step) // it ends, and the face goes to rest
        {
            AudioSource.ByHand = at;
            Game.Frame();
            for (int i = 0; i < ArticulationCurves.Shapes; i++)
                weights.Add(face.face.Weights[i]);
        }
        Write(Path.Combine(folder, "weights.f32"), weights);
        Write(Path.Combine(folder, "heard.f32"), Worker.Heard);
    }

    static float[] Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        var values = new float[bytes.Length / 4];
        Buffer.BlockCopy(bytes, 0, values, 0, bytes.Length);
        return values;
    }

    static void Write(string path, List<float> values)
    {
        var bytes = new byte[values.Count * 4];
        Buffer.BlockCopy(values.ToArray(), 0, bytes, 0, bytes.Length);
        File.WriteAllBytes(path, bytes);
    }
}
